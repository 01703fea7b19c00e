"""The stable API for authors of plugins, and nothing else."""

from domain.kernel.plugin import CustomField, Plugin

__all__ = ["CustomField", "Plugin"]
