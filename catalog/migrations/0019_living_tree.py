"""Build the tree anew from the parents of the living; the deleted leave it.

Deleting closed the gap while the deleted row kept its bounds, which then overlapped those of the
living: their paths and levels were wrong.
"""

from collections import defaultdict

from django.db import migrations


def rebuild(apps, schema_editor):
    """Number all nodes again in the order in which they were; cut parents that form a ring."""
    Category = apps.get_model("catalog", "Category")
    rows = Category.objects.using(schema_editor.connection.alias)
    nodes = {node.pk: node for node in rows.order_by("tree_id", "lft", "pk")}
    for node in nodes.values():
        if node.deleted_at is not None and node.parent_id is not None:
            node.former_parent_id = node.parent_id
    parents = {key: living_parent(nodes, node) for key, node in nodes.items()}
    children = defaultdict(list)
    for key, parent in parents.items():
        children[parent].append(key)
    numbered = set()
    tree = 0
    # What cannot be reached from a root hangs on a ring: its first node becomes a root.
    for key in (*children[None], *nodes):
        if key not in numbered:
            tree += 1
            parents[key] = None
            number(nodes, parents, children, key, tree, numbered)
    changed = ["parent", "former_parent", "tree_id", "level", "lft", "rght"]
    rows.bulk_update(nodes.values(), changed, batch_size=500)


def living_parent(nodes, node):
    """Return the key of the nearest ancestor that lives; a deleted node has none."""
    if node.deleted_at is not None:
        return None
    seen = {node.pk}
    parent = node.parent_id
    while parent is not None and nodes[parent].deleted_at is not None:
        if parent in seen:
            return None
        seen.add(parent)
        parent = nodes[parent].parent_id
    return parent


def number(nodes, parents, children, root, tree, numbered):
    """Give the nodes from ``root`` downwards their bounds, without recursion."""
    bound = 0
    level = 0
    steps = [(root, True)]
    while steps:
        key, enters = steps.pop()
        node = nodes[key]
        bound += 1
        if not enters:
            node.rght = bound
            level -= 1
            continue
        numbered.add(key)
        node.lft, node.level, node.tree_id = bound, level, tree
        node.parent_id = parents[key]
        level += 1
        steps.append((key, False))
        steps.extend((child, True) for child in reversed(children[key]) if child not in numbered)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0018_category_former_parent")]

    operations = [migrations.RunPython(rebuild, migrations.RunPython.noop)]
