"""Built-in functions on contexts (DMN 1.5, 10.3.4.10)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
get value() => null
get value("a") => null
get value({a: "foo"}, "a", 1) => null
get value({a: "foo"}, "b") => null
get value({a: "foo"}, null) => null
get value({a: {b: 1}}, ["a","b"]) => 1
get value({a: {b: 1}}, []) => null
get value({a: {b: 1}}, ["a", null]) => null
get value({a: {b: 1}}, ["a", "c"]) => null
get value(m: {a: {b: 1}}, keys: ["a", "b"]) => 1
get value({a: {b: 1}}, ["a"]) => {b: 1}
get value([], "a") => null
"""
)
def test_get_value_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
get entries(null) => null
get entries({a: 1}, {}) => null
get entries([{a: 1}]) => [{key: "a", value: 1}]
"""
)
def test_get_entries_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
context([{key:"a", value:1},{key:"b", value:2}]) => {a:1,b:2}
context([{key:"a", value:1},{key:"a", value:2}]) => null
context([{key:"a"}]) => null
context([{value:1}]) => null
context([{key:null, value:1}]) => null
context([{key:1, value:1}]) => null
context([{key:"a", value:null}]) => {a:null}
context([]) => {}
context([null]) => null
context({key:"a", value:1}) => {a:1}
context([{key:"a", value:1, foo:2}]) => {a:1}
context([[{key:"a", value:1}]]) => null
context() => null
context(get entries({a:1})) => {a:1}
"""
)
def test_context_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
# Contexts on the way that are missing are made.
context put({a:1}, "b", null) => {a:1,b:null}
context put(null, "a", 1) => null
context put({}, null, 1) => null
context put({}, 1, 1) => null
context put({}, "", 1) => {"":1}
context put({}, [], 1) => null
context put({a:1}, ["a","b"], 1) => null
context put({}, ["a","b"], 1) => {a: {b: 1}}
context put({x:1}, ["y","a"], 2) => {x: 1, y: {a: 2}}
context put({x:1, y: {a: 0}}, ["y","a"], null) => {x:1,y:{a:null}}
context put({x:1, y: {a: 0}}, ["y",1], 2) => null
context put({x:1, y: {a: 0}}, ["y",null], 2) => null
context put({x:1}, ["x"], 2) => {x:2}
context put({x:1}, null, 2) => null
context put(context: {x:1}, key: null, value: 2) => null
context put() => null
"""
)
def test_context_put_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
context merge([]) => {}
context merge(null) => null
context merge([null]) => null
context merge([{a:1}, null]) => null
context merge({a:1}) => {a:1}
context merge([{a:1}, 1]) => null
context merge({a:1}, {b:2}) => null
context merge(contexts: [{a:1},{b:2}]) => {a:1,b:2}
"""
)
def test_context_merge_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)
