"""How a model does by what an expression needs: python3 tools/compare/by_kind.py SCENES_JSON REPORT_FOLDER...

REPORT_FOLDER is what `vglaw eval --report` wrote for a split of the RefScenes that SCENES_JSON describes. An expression counts as the
first of relation, ordinal, superlative, place that its program uses, else as looks. Standard library only."""

import collections
import json
import sys

KINDS = [
    ("relation", lambda op: op.startswith("relat")),
    ("ordinal", lambda op: op == "ordinal"),
    ("superlative", lambda op: op == "extreme"),
    ("place", lambda op: op == "region"),
]


def kind_of(program):
    ops = [step["op"] for step in program]
    return next((name for name, is_one in KINDS if any(map(is_one, ops))), "looks")


def main():
    kinds = {e["sent_id"]: kind_of(e["program"]) for e in json.load(open(sys.argv[1]))["expressions"]}
    for folder in sys.argv[2:]:
        rows = collections.defaultdict(list)
        for line in open(folder + "/per_expression.jsonl"):
            one = json.loads(line)["canvas"], json.loads(line)["sentence_id"]
            for kind in (kinds[one[1]], "all"):
                rows[kind].append((one[0]["box_iou"] >= 0.5, one[0]["mask_iou"]))
        print(folder)
        for kind, found in sorted(rows.items()):
            hits, ious = zip(*found)
            print(f"  {kind:12} {len(found):5}  Prec@0.5 {100 * sum(hits) / len(hits):.1f}  mIoU {100 * sum(ious) / len(ious):.1f}")


main()
