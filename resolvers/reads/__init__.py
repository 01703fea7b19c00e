"""The read engine: from a GraphQL selection to one statement, and from its rows to the bytes of the answer.

`selection` says what is asked for, `given` with which values; `planning` makes a plan of it, a tree of `nodes` over
`levels`, each of which is one SELECT; `writing` generates the serialiser of a plan, `completing` goes through the same
tree slowly where something is refused; `later` joins in what Python works out; `engine` keeps plans and runs them.
"""
