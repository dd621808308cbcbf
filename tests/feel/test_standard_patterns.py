"""Regular expressions (DMN 1.5, 10.3.4.3; XPath Functions and Operators 3.1, 5.6)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
split("foo", ";") => ["foo"]
split(null, ",") => null
split("foo", null) => null
split("foo") => null
split("foo", "(") => null
split("foo,bar", ",", "x") => null
split("a;b;c;;", ";") => ["a","b","c","",""]
split("John Doe", "\\s") => ["John","Doe"]
split(string: "foo;bar", delimiter: ";") => ["foo","bar"]
split(string: "foo;bar", delim: ";") => null
split("", ",") => [""]
split("foo\ud83d\udc0ebar", "\ud83d\udc0e") => ["foo","bar"]
split("a1b22c", "\\d+") => ["a","b","c"]
split("abc", "") => null
split("a.b", ".") => ["","","",""]
split("a.b", "\\.") => ["a","b"]
split("aXbxc", "x") => ["aXb","c"]
"""
)
def test_split_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
replace("\ud83d\udc0ebar\ud83d\udc0e", "\ud83d\udc0e", "foo") => "foobarfoo"
replace("\ud83d\udc0ebar", "[^a-z]", "\U01F600") => "😀bar"
replace("abc",null,"x") => null
replace("abracadabra","bra","*") => "a*cada*"
replace("abracadabra","a(.)","a$1$1") => "abbraccaddabbra"
replace("abracadabra","","x") => null
replace("abracadabra",".*?","$1") => null
replace("AAAA","A+?","b") => "bbbb"
replace("darted","^(.*?)d(.*)$","$1c$2") => "carted"
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") => "[1=ab][2=]cd"
replace("reluctant","r.*t","X") => "X"
replace("abc","[a-z]","$") => null
replace("abc","[a-z]","\\") => null
replace("abc","[a-z]","\\$") => "$$$"
replace("abc","[a-z]","$0$0") => "aabbcc"
replace("abc","(b)","[$1]") => "a[b]c"
replace("abc","b","$1") => "ac"
replace("a\nb","^b","x","m") => "a\nx"
replace("a\nb",".","x") => "x\nx"
replace("a\nb",".","x","s") => "xxx"
replace("ABC","[a-z]","#","i") => "###"
replace("abc","[a-z]","#","k") => null
replace("abc","a b","#","x") => "#c"
replace("a.b",".","#","q") => "a#b"
replace("a.b",".","$1","q") => "a$1b"
replace("abc","[a-z","#") => null
replace(input:"abc",pattern:"[a-z]",replacement:"#") => "###"
replace("abc","[a-z]",1) => null
replace("abc","[a-z]","#",null) => "###"
replace("abc","[a-z]") => null
replace("a\nb", "^", "x", "m") => null
replace("a\nb", "^b", "x", "m") => "a\nx"
replace("abc", "(a)(b)", "$2$1") => "bac"
replace("abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "$10$1") => "jak"
replace("abc", "(a)", "$12") => "a2bc"
replace("hello", "l", "\\\\") => "he\\\\o"
replace("a1b2", "[0-9]", "<$0>") => "a<1>b<2>"
replace("ABC", "b", "x", "i") => "AxC"
"""
)
def test_replace_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
# Categories mind the case even under the flag i (5.6.2, rule 5).
matches("\ud83d\udc0e", "^.$") => true
matches("foobar", "^fo*b") => true
matches("foobar", "^fo*z") => false
matches("helloworld", "hello world", "x") => true
matches("abracadabra", "bra") => true
matches("abracadabra", "^a.*a$") => true
matches("abracadabra", "^bra") => false
matches("a\nb", "a.b") => false
matches("a\nb", "a.b", "s") => true
matches("a\nb", "^b") => false
matches("a\nb", "^b$", "m") => true
matches("abc", "ABC") => false
matches("X", "[A-Z-[OI]]") => true
matches("O", "[A-Z-[OI]]", "i") => false
matches("o", "[A-Z-[OI]]", "i") => false
matches("i", "[A-Z-[OI]]", "i") => false
matches("Q", "[^q]", "i") => false
matches("x", "[^Q]", "i") => true
matches("h", "\\p{Lu}", "i") => false
matches("m", "\\P{Lu}", "i") => true
matches("x", "\\p{Lu}") => false
matches("aA", "(a)\\1") => false
matches("abcabc", "^(abc)\\1$") => true
matches("abcd", "(?i)ABC") => null
matches("abcd", "a(?=b)") => null
matches("abcd", "[") => null
matches("abcd", ")") => null
matches("abcd", "abcd\\1") => null
matches("abcd", "\\0") => null
matches("input", "pattern", "p") => null
matches("input", "pattern", "X") => null
matches("input", "pattern", " ") => null
matches("input", "pattern", null) => false
matches("input", "pattern", "") => false
matches("abcd", "(asd)[\\1asd]") => null
matches("abcd", "(asd)[asd\\1]") => null
matches("hello world", "hello[ ]world", "x") => true
matches("hello world", "hello world", "x") => false
matches("hello world", "\\p{ IsBasicLatin}+") => null
matches("hello world", "\\p{ I s B a s i c L a t i n }+", "x") => true
matches("\u212A", "[A-Z]", "i") => true
matches("K", "\u212A", "i") => true
matches("a\n", "a$") => false
matches("a", "a[^b]") => false
matches("a\n", "a[^b]") => true
matches("  a", "^\\s+a") => true
matches("abcde\nfghij", "[^a-e]*", "m") => true
matches("a-b", "[a\\-b]+") => true
matches("x", "[\\w-[x]]") => false
matches("1", "\\d{1,2}") => true
matches("-", "[a-]") => true
matches("-", "[-a]") => true
matches("a", "a{,2}") => null
matches("a", "a{2,1}") => null
matches("a", "a**") => null
matches("a", "*a") => null
matches("a", "[z-a]") => null
matches("a", "(a") => null
matches("", "") => true
matches("", "^$") => true
matches("abc", "abc|") => true
matches("abc", "a||b") => true
matches("a", "\\i\\c*") => true
matches("9", "\\i") => false
matches(input: "a", pattern: "a") => true
matches(input: "a", pattern: "A", flags: "i") => true
matches("H", "\\p{Lu}", "i") => true
matches("M", "\\P{Lu}", "i") => false
matches("h", "[\\p{Lu}]", "i") => false
matches("h", "[\\p{Lu}h]", "i") => true
matches("H", "[^\\p{Lu}]", "i") => false
matches("h", "[^\\p{Lu}]", "i") => true
matches("h", "[^\\p{Lu}H]", "i") => false
matches("x", "[\\p{L}-[X]]", "i") => false
matches("y", "[\\p{L}-[X]]", "i") => true
matches("x", "[a-z-[aeiou]]") => true
matches("e", "[a-z-[aeiou]]") => false
matches("e", "[a-z-[aeiou-[e]]]") => true
matches("xyz", "^[a-z-[aeiou]]+$") => true
matches("5", "[\\d-[5]]") => false
matches("ab", "^[^c-[a]]+$") => false
matches("bb", "^[^c-[a]]+$") => true
matches("abc", "[]") => null
matches("abc", "[^]") => null
matches("abcd\ndefg\n", "^$", "m") => false
matches("abcd\n\ndefg", "^$", "m") => true
matches("abcd\ndefg\n", "^defg$", "m") => true
matches("", "^$", "m") => true
matches("abcd\n", "\\n$") => true
matches("abcd\n", "^abcd$") => false
matches("a", "\\p{Alpha}") => null
matches("a", "\\p{Greek}") => null
matches("a", "\\p{Ll}") => true
matches("a", "\\p{Foo}") => null
matches("a", "\\p{}") => null
matches("a", "\\pL") => null
matches("α", "\\p{IsGreek}") => true
matches("α", "\\p{IsGreekandCoptic}") => true
matches("ж", "\\p{IsCyrillic}") => true
matches("é", "\\p{IsLatin-1Supplement}") => true
matches("é", "\\p{IsFoo}") => null
matches("é", "\\P{IsBasicLatin}") => true
matches("a", "\\p{Cn}") => false
matches("a", "\\p{Cs}") => null
matches("a", "\\p{lu}") => null
matches("$", "\\p{Sc}") => true
matches("a", "[\\p{L}-z]") => true
matches("a", "[a-\\d]") => null
matches("-", "[+--]") => true
matches("a", "\\x61") => null
matches("a", "\\u0061") => null
matches("a b", "a\\sb") => true
matches("a", "a{1}{2}") => null
matches("aa", "a{2}?") => true
matches("aa", "^(?:a)+$") => true
matches("aba", "^(a)(b)\\1$") => true
matches("a", "a|*") => null
matches("a", "^*") => null
matches("a", "") => true
matches("a1", "^\\c+$") => true
matches("a", "\\A") => null
matches("a", "\\bA") => null
matches("a", "[[:alpha:]]") => null
matches("A", "a", "ii") => true
matches("a.c", "a.c", "q") => true
matches("abc", "a.c", "q") => false
matches("A.C", "a.c", "qi") => true
"""
)
def test_matches_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)
