"""Chapters about networks and the computer: catalogue, weights, anatomy, networks of one's own, caches."""

from cnnstudio.core.optional_parts import CAMERA
from cnnstudio.jobs import specs
from cnnstudio.jobs.selftest.scene import CLASSIC, NETWORK, Endless, Scene, Steps
from cnnstudio.networks.blocks.groups import CLASSIC_PLANS


def computer(scene: Scene) -> Steps:
    """What there is, and what is kept."""
    yield specs.WarmUp()
    yield specs.ListDevices()
    yield specs.ExamineComputer()
    yield specs.OfferPart(part=CAMERA.name)
    yield specs.LookAtDesktop()
    yield specs.LookAtUpdatePolicy()
    yield specs.LookAtMotion()
    yield specs.ReadLicences()
    yield specs.MeasureCache()
    yield specs.TrimCache(limit=1 << 40)


def networks(scene: Scene) -> Steps:
    """Listed, measured, recommended, taken apart."""
    catalogue = yield specs.ListNetworks()
    speeds = yield Endless(specs.MeasureSpeeds())  # on a busy computer it waits for a quiet moment
    yield specs.RecommendNetwork(catalogue=catalogue, dataset=scene.dataset, speeds=speeds)
    yield specs.DissectNetwork(network="resnet18")
    yield specs.DissectNetwork(network=CLASSIC, classes=10)
    yield specs.ChangeSources(add=scene.place)
    yield specs.LookAtWeights()
    yield specs.ChangeSources(remove=(str(scene.place),))
    yield specs.DeleteWeights(file_name="none-00000000.pth")
    yield specs.AuditionNetworks(folder=scene.folder, networks=(NETWORK,))


def building(scene: Scene) -> Steps:
    """A network of one's own as a draft, as a file, and kept."""
    plan = next(iter(CLASSIC_PLANS.values()))
    yield specs.KeepDraft(plan=plan)
    yield specs.ReadDraft()
    file = yield specs.WriteNetworkFile(plan=plan, file=scene.out("network.toml"))
    yield specs.OpenNetworkFile(file=file)
    kept = yield specs.KeepNetwork(plan=plan)
    yield specs.ListBuilt()
    yield specs.RemoveNetwork(name=kept.plan.name)
