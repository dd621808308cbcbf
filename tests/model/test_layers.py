"""Modules, the workspace's own documents and customizations are folded by merge patches; each value keeps its file."""

from engine.model import build

SHOP = "workspace: shop\nmodules: [sales]\n"
CRM = "module: crm\n"
SALES = "module: sales\ndepends: [crm]\n"
CUSTOMER = "entity: customer\nfields:\n  name: {type: text, required: true}\n  region: {type: text}\n"
ORDER = "entity: order\nfields:\n  customer: {type: link, to: customer}\n  discount: {type: percent, max: 0.3}\n"


def shop(**more: str) -> dict[str, str]:
    files = {
        "workspace.yaml": SHOP,
        "modules/crm/module.yaml": CRM,
        "modules/crm/entities/customer.yaml": CUSTOMER,
        "modules/sales/module.yaml": SALES,
        "modules/sales/entities/order.yaml": ORDER,
    }
    return files | {path.replace("__", "/") + ".yaml": text for path, text in more.items()}


def problems(files: dict[str, str]) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in build(files).problems]


def test_modules_come_in_order_of_dependency_and_bring_what_they_depend_on():
    model = build(shop()).model

    assert list(model.modules) == ["crm", "sales"]
    assert model.settings.modules == ("crm", "sales")
    assert model.entities["customer"].module == "crm"


def test_a_module_that_is_not_enabled_does_not_count():
    files = shop() | {"workspace.yaml": "workspace: shop\nmodules: [crm]\n", "modules/sales/bad.yaml": "entity: [\n"}

    built = build(files)

    assert built.problems == []
    assert "order" not in built.model.entities


def test_a_customization_merges_removes_and_replaces():
    model = build(
        shop(
            customizations__order="extend: entity order\nlabel: {en: Deal}\nfields: {discount: {max: 0.25}}\n",
            customizations__customer="extend: entity customer\nfields: {region: null, x_tier: {type: text}}\n",
        )
    ).model

    assert model.entities["order"].label.in_("en") == "Deal"
    assert str(model.entities["order"].fields["discount"].max.literal) == "0.25"
    assert list(model.entities["customer"].fields) == ["name", "x_tier"]
    assert model.entities["customer"].fields["x_tier"].custom
    assert not model.entities["customer"].fields["name"].custom


def test_a_problem_in_a_patched_value_points_at_the_patch():
    assert problems(shop(customizations__order="extend: entity order\nfields:\n  discount:\n    max: lots\n")) == [
        ("customizations/order.yaml:4:10", "TW1311")
    ]


def test_a_problem_that_a_patch_causes_elsewhere_points_at_what_it_breaks():
    found = problems(
        shop(
            customizations__customer="extend: entity customer\nfields: {region: null}\n",
            own__order="extend: entity customer\ntitle: region\n",
        )
    )

    assert found == [("own/order.yaml:2:8", "TW1203")]


def test_a_module_may_extend_what_another_declares():
    files = shop() | {
        "modules/sales/entities/customer.yaml": "extend: entity customer\nfields: {terms: {type: text}}\n"
    }

    assert "terms" in build(files).model.entities["customer"].fields


def test_a_patch_of_nothing_is_a_problem_with_a_suggestion():
    built = build(shop(own="extend: entity custmer\nlabel: X\n"))

    assert [(p.place, p.code, p.hint) for p in built.problems] == [
        ("own.yaml:1:9", "TW1606", "did you mean 'customer'?")
    ]


def test_custom_fields_are_named_with_x():
    assert problems(shop(customizations__customer="extend: entity customer\nfields:\n  tier: {type: text}\n")) == [
        ("customizations/customer.yaml:3:3", "TW1608")
    ]


def test_removing_what_is_not_there_is_a_warning():
    built = build(shop(customizations__customer="extend: entity customer\nfields: {regoin: null}\n"))

    assert [(p.code, p.severity, p.hint) for p in built.problems] == [("TW1607", "warning", "did you mean 'region'?")]
    assert built.model is not None


def test_a_document_can_not_be_declared_twice():
    assert problems(shop(again=CUSTOMER)) == [("again.yaml:1:9", "TW1605")]


def test_an_unknown_module():
    files = shop() | {"workspace.yaml": "workspace: shop\nmodules:\n  - sales\n  - inventry\n"}

    assert problems(files) == [("workspace.yaml:4:5", "TW1604")]


def test_modules_that_depend_on_each_other():
    files = shop() | {"modules/crm/module.yaml": "module: crm\ndepends: [sales]\n"}

    built = build(files)

    assert [(p.place, p.code) for p in built.problems] == [("modules/crm/module.yaml:2:11", "TW1603")]
    assert "sales → crm → sales" in built.problems[0].message


def test_effective_documents_are_kept_for_comparing():
    built = build(shop(customizations__order="extend: entity order\nfields: {discount: {max: 0.25}}\n"))

    assert (
        str(built.effective["entity", "order"]["fields"]["discount"]) == "{'type': 'percent', 'max': Decimal('0.25')}"
    )
    assert ("entity", "user") not in built.effective  # as it is built in


def test_users_that_were_extended_are_among_the_effective_documents():
    built = build(shop(own="extend: entity user\nfields: {x_limit: {type: money}}\n"))

    assert "x_limit" in built.effective["entity", "user"]["fields"]


def test_a_model_is_known_by_its_files():
    assert build(shop()).model.digest == build(shop()).model.digest
    assert build(shop()).model.digest != build(shop(more="role: clerk\n")).model.digest


def test_users_and_departments_are_always_there_and_may_be_extended():
    model = build(
        shop(own="extend: entity user\nfields: {limit: {type: money}}\n", role="role: clerk\nlabel: Clerk\n")
    ).model

    user = model.entities["user"]
    assert user.table == "tw_user"
    assert list(user.fields["roles"].options) == ["admin", "clerk"]
    assert user.fields["limit"].type == "money"
    assert model.entities["department"].fields["head"].to == "user"


def test_what_the_engine_needs_of_a_user_stays():
    assert problems(shop(own="extend: entity user\nfields:\n  roles: null\n  name: {type: integer}\n")) == [
        ("own.yaml:3:3", "TW1610"),
        ("own.yaml:4:3", "TW1610"),
    ]
