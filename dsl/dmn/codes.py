"""The problems that decision models (DMN XML, and decisions that are more than a table) can have."""

CODES = {
    "TW2301": "The file is not well-formed XML, or its characters are not those of its encoding. Export it again from the modeler.",
    "TW2302": "The file is refused because it may be made to harm: it has a document type or entities, or is too deep or large.",
    "TW2303": "The file is no DMN model: its root is not `definitions` in a namespace of DMN 1.1 to 1.5.",
    "TW2304": "The logic is in a language other than FEEL, or of a kind that can't run here. Write it in FEEL.",
    "TW2305": "An element refers to another one that is not there, or that can't stand there.",
    "TW2306": "Decisions require each other in a circle, so that none can be decided first.",
    "TW2307": "There is no type of this name, in FEEL or among the item definitions.",
    "TW2308": "An element lacks a part that it needs, or has one that means nothing.",
    "TW2309": "Two elements of a model have the same id, or two things that an expression sees have the same name.",
    "TW2310": "An imported model is not among the files of the folder.",
    "TW2311": "The decision can't be written in the DMN version that was asked for: conditionals, iterations and filters came with 1.4.",
    "TW2312": "A decision is made of parts that exclude each other, or lacks its logic: it is a table, or one boxed expression.",
}
