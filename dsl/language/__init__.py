"""The language service: what an editor asks about an expression while it is written (compare the Language Server
Protocol 3.17), as plain functions of the text, a place in it and what it may name.
"""

from dsl.language.completion import Completion, completions
from dsl.language.diagnostics import Diagnostic, diagnostics
from dsl.language.formatting import formatted
from dsl.language.hover import Hover, hover
from dsl.language.signatures import Help, Signature, signature_help

__all__ = ["Completion", "Diagnostic", "Help", "Hover", "Signature", "completions", "diagnostics", "formatted", "hover", "signature_help"]
