"""The smallest plugin: the delivery term of a purchase order, by the Incoterms 2020 of the ICC."""

from plugins import CustomField, Plugin

TERMS = ("EXW", "FCA", "CPT", "CIP", "DAP", "DPU", "DDP", "FAS", "FOB", "CFR", "CIF")

plugin = Plugin(
    name="incoterm",
    version="1.0.0",
    description="Adds the Incoterms 2020 delivery term to purchase orders.",
    custom_fields=(
        CustomField(
            name="incoterm",
            on="purchase_order",
            kind="choice",
            label="Incoterms 2020 rule: where the vendor's cost and risk end.",
            because="buyers agree on who carries freight and risk",
            choices=TERMS,
        ),
    ),
)
