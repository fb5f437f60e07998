"""A plan as the anatomy that the diagram of the page Network draws, live and without torch. No widgets."""

from cnnstudio.networks.anatomy.layers import Anatomy, Layer
from cnnstudio.networks.blocks.standing import Standing
from cnnstudio.networks.blocks.table import LAST
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.blocks.words import summary
from cnnstudio.ui.lab.network.words import block_title


def drawn(plan: Plan, standing: Standing, classes: int) -> Anatomy:
    """Blocks up to the first that cannot stand where it stands, each by its number."""
    stood = list(zip(plan.blocks, standing.stands, strict=False))
    head = next((place for place, (block, _) in enumerate(stood) if block == LAST), len(stood))
    before = standing.stands[head - 1].shape if 0 < head <= len(stood) else (0,)
    return Anatomy(
        network=plan.name,
        title=plan.name,
        classes=classes,
        input_size=plan.input_size,
        channels=plan.channels,
        layers=tuple(
            Layer(
                name=str(place + 1),
                kind=block_title(block),
                detail=summary(block),
                output=stand.shape,
                parameters=stand.parameters,
                multiplications=stand.multiplications,
                reach=stand.reach,
                is_leaf=bool(stand.multiplications),  # of leaves, the diagram shows only those that multiply
                in_head=place >= head,
            )
            for place, (block, stand) in enumerate(stood)
            if stand.multiplications or len(stand.shape) == 1 or "pooling" in block.kind
        ),
        parameters=standing.parameters,
        multiplications=standing.multiplications,
        features=before[0] if len(before) == 1 else 0,
    )
