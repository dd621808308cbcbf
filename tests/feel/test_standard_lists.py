"""Built-in functions on lists (DMN 1.5, 10.3.4.4 and 10.3.4.9)."""

from __future__ import annotations

from tests.feel.standard import cases, check


@cases(
    r"""
# An item that is no boolean makes the list none of booleans, whatever the others are.
all([]) => true
all([true,null]) => null
all([null,false]) => false
all([true]) => true
all([true,"x",false]) => null
all([null,null]) => null
all(false, null) => false
"""
)
def test_all_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
# An item that is no boolean makes the list none of booleans, whatever the others are.
any([]) => false
any([true,null]) => true
any([null,false]) => null
any([true,"x"]) => null
any(true,"x") => null
any(true) => true
any(null) => null
any(list:null) => null
"""
)
def test_any_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
median([]) => null
median([1,2,null]) => null
median(6) => 6
median([@"P1D",@"P2D"]) => null
"""
)
def test_median_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
mode([]) => []
mode(null) => null
mode([1,null]) => null
mode([6]) => [6]
mode(1,2,2,3,3) => [2,3]
"""
)
def test_mode_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
stddev([2,4,7,5]) => 2.081665999466132735282297706979931
stddev(2,4,7,5) => 2.081665999466132735282297706979931
stddev([47]) => null
stddev(47) => null
stddev([1,2,null]) => null
stddev(list:null) => null
stddev(1,2,3,4) => 1.290994448735805628393088466594133
"""
)
def test_stddev_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
product([]) => null
product() => null
product([2,3,4]) => 24
"""
)
def test_product_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
sort([3,1,2], function(x,y) x < y) => [1,2,3]
sort([3,1,2]) => [1,2,3]
sort(precedes: function(x,y) x < y, list: [3,1,2]) => [1,2,3]
sort([]) => []
sort(null, function(x,y) x < y) => null
sort([1,2], null) => null
sort(["b","a"], function(x,y) x < y) => ["a","b"]
sort([1,2], function(x) true) => null
sort(["z","A","a"]) => ["A","a","z"]
sort([@"2020-01-02",@"2020-01-01"], function(a,b) a < b) => [@"2020-01-01",@"2020-01-02"]
sort([1,"a"], function(x,y) x < y) => null
"""
)
def test_sort_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
list contains([1,2,null], null) => true
list contains(null, 1) => null
list contains([], null) => false
list contains([1,2,3], "1") => false
list contains(list: [1], element: 1) => true
list contains(1, 1) => true
list contains([[1]], [1]) => true
list contains([@"P1D"], @"PT24H") => true
list contains([1,[2]], [2]) => true
list contains([null], null) => true
"""
)
def test_list_contains_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
count([]) => 0
count(null) => null
count([null]) => 1
count(1) => 1
count(1,2) => null
count(list: [1]) => 1
count("a") => 1
count(for i in 1..100 return i) => 100
count([1,2,3][item > 5]) => 0
"""
)
def test_count_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
min([]) => null
min([1,null]) => null
min(null) => null
min("a","b") => "a"
min([@"2020-01-01", @"2019-01-01"]) => @"2019-01-01"
min() => null
min(1,2,3) => 1
min(list: [1,2]) => 1
min([[1]]) => null
"""
)
def test_min_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
max([1,"a"]) => null
max(true, false) => null
max([@"P1D",@"PT25H"]) => @"PT25H"
max([@"10:00:00", @"11:00:00"]) => @"11:00:00"
max(list: null) => null
max("a") => "a"
"""
)
def test_max_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
sum([]) => null
sum() => null
sum([1,null]) => null
sum("a") => null
sum([@"P1D", @"P1D"]) => null
sum(1,2,3) => 6
sum(list: [1,2,3]) => 6
sum([1,2,3][item > 1]) => 5
"""
)
def test_sum_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
mean([]) => null
mean(1,2) => 1.5
mean([1,"a"]) => null
mean(list: [1,2,3]) => 2
mean(null) => null
mean() => null
mean([1,2]) => 1.5
"""
)
def test_mean_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
append([1], 2, 3) => [1,2,3]
append(null, 1) => null
append([], null) => [null]
append(1, 2) => [1,2]
append([1], [2]) => [1,[2]]
append([1]) => null
append() => null
append(list: [1], item: 2) => [1,2]
"""
)
def test_append_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
concatenate([1],[2],[3]) => [1,2,3]
concatenate([1],null) => null
concatenate(1,2) => [1,2]
concatenate([1]) => [1]
concatenate() => null
concatenate([1],[[2]]) => [1,[2]]
"""
)
def test_concatenate_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
insert before([1,2],1,0) => [0,1,2]
insert before([1,2],-1,0) => [1,0,2]
insert before([1,2],3,0) => null
insert before([1,2],0,0) => null
insert before([],1,0) => null
insert before(null,1,0) => null
insert before([1],1,null) => [null,1]
insert before(list:[1], position:1, newItem:2) => [2,1]
"""
)
def test_insert_before_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
remove([1,2,3],-1) => [1,2]
remove([1,2,3],4) => null
remove([1,2,3],0) => null
remove([1,2,3],null) => null
remove(null,1) => null
remove(list: [1,2], position: 1) => [2]
"""
)
def test_remove_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
reverse([1,2,3]) => [3,2,1]
reverse([]) => []
reverse(null) => null
reverse(1) => [1]
"""
)
def test_reverse_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
index of([1,2,3,2],2) => [2,4]
index of([1,null],null) => [2]
index of([],1) => []
index of(null,1) => null
index of([1,2,"1"],"1") => [3]
index of(list:[1], match:1) => [1]
"""
)
def test_index_of_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
union([1,2],[2,3]) => [1,2,3]
union([1],null) => null
union([1,null],[null]) => [1,null]
"""
)
def test_union_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
distinct values([1,2,1,null,null]) => [1,2,null]
distinct values([1,"1",1.0]) => [1,"1"]
distinct values([[1],[1]]) => [[1]]
distinct values(null) => null
distinct values(1) => [1]
"""
)
def test_distinct_values_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
flatten([[1,2],[[3]], 4]) => [1,2,3,4]
flatten(null) => null
flatten(1) => [1]
flatten([null]) => [null]
"""
)
def test_flatten_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
sublist([1,2,3],2) => [2,3]
sublist([1,2,3],-2) => [2,3]
sublist([1,2,3],-2,1) => [2]
sublist([1,2,3],0) => null
sublist([1,2,3],4) => null
sublist([1,2,3],1,4) => null
sublist([1,2,3],1,0) => []
sublist([1,2,3],1,null) => null
sublist(list: [1,2,3], start position: 2, length: 1) => [2]
"""
)
def test_sublist_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
partition([1],1) => null
"""
)
def test_partition_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)


@cases(
    r"""
list replace([1,2], 0, 5) => null
list replace([1,2], -3, 5) => null
list replace(null, 1, 5) => null
list replace([1,2], function(item) true, 5) => null
list replace([1,2], function(item, newItem) "a", 5) => null
list replace(list: [1,2], match: function(item, newItem) item = 1, newItem: 5) => [5,2]
list replace([1,2], 1) => null
list replace([], 1, 5) => null
list replace("a", 1, 5) => [5]
list replace([1,2], 1, 5, 6) => null
list replace(list: [1,2], position: 1, match: function(item,newItem) true, newItem: 5) => null
list replace([1,2], null, null) => null
"""
)
def test_list_replace_follows_its_definition(expression: str, expected: str) -> None:
    check(expression, expected)
