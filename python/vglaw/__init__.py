"""Visual grounding: a picture and referring expressions in, boxes and masks out.

    import numpy, vglaw
    grounder = vglaw.Grounder("/usr/share/vglaw/models/scenes-small.safetensors")
    for found in grounder.ground(image, ["the small red ball"]):  # image: numpy uint8 (height, width, 3)
        print(found["expression"], found["box"], found["mask"].sum())
"""

from ._vglaw import Error, Grounder, Model, __version__

__all__ = ["Error", "Grounder", "Model", "__version__"]
