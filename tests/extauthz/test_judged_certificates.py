"""Which certificates count, and for how long that is remembered."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from access_model.client_trust import Judgement, Trust, judge
from access_model.facts import ClientCertificate
from access_model.model import AccessModel, ClientCertificates
from extauthz.judged_certificates import CAPACITY, JudgedCertificates
from tests.access_model.client_trust.world import LAPTOP, NAME, NOW, ROOT
from tests.extauthz.decide.policies import a_model, facts
from tests.harness.authority import HOUR, Issued


def a_model_asking(settings: ClientCertificates | None) -> AccessModel:
    model = a_model()
    return replace(model, listener=replace(model.listener, client_certificates=settings))


MODEL = a_model_asking(ClientCertificates(ROOT.pem))
REVOKING = a_model_asking(ClientCertificates(ROOT.pem, ROOT.revocation_list(LAPTOP)))


@dataclass
class Counted:
    """What is remembered, and what had to be judged for it."""

    memory: JudgedCertificates = field(init=False)
    judgements: list[str] = field(default_factory=list)
    capacity: int = CAPACITY

    def __post_init__(self) -> None:
        self.memory = JudgedCertificates(self.capacity, self._judge)

    def _judge(self, presented: ClientCertificate, trust: Trust, now: datetime) -> Judgement:
        self.judgements.append(presented.pem)
        return judge(presented, trust, now)


def trusted(
    memory: JudgedCertificates,
    issued: Issued = LAPTOP,
    model: AccessModel = MODEL,
    *,
    hours: float = 0,
    chain: str = "",
) -> bool:
    presented = ClientCertificate(issued.pem, trusted=True, chain=chain)
    judged = memory.applied(facts(client_certificate=presented), model, NOW + hours * HOUR).client_certificate
    assert judged is not None
    assert judged.trusted is not bool(judged.objection)
    assert (judged.pem, judged.chain) == (issued.pem, chain)
    return judged.trusted


def test_nothing_is_trusted_without_being_judged() -> None:
    memory = JudgedCertificates()
    assert trusted(memory)
    assert not trusted(memory, model=REVOKING)
    assert not trusted(memory, model=a_model_asking(None)), "nobody has said who is to be trusted"
    assert memory.applied(facts(), MODEL, NOW) == facts()


def test_a_certificate_is_judged_once() -> None:
    counted = Counted()
    memory = counted.memory
    assert [trusted(memory) for _ in range(3)] == [True] * 3
    assert [trusted(memory, ROOT) for _ in range(3)] == [False] * 3
    assert len(counted.judgements) == 2


def test_other_settings_begin_anew_and_equal_ones_do_not() -> None:
    counted = Counted()
    memory = counted.memory
    again = a_model_asking(ClientCertificates(ROOT.pem))
    assert [trusted(memory, model=model) for model in (MODEL, again, REVOKING, MODEL)] == [True, True, False, True]
    assert len(counted.judgements) == 3


def test_nothing_is_remembered_past_its_time() -> None:
    counted = Counted()
    memory = counted.memory
    late = ROOT.issue(NAME, now=NOW + HOUR)
    assert [trusted(memory, late, hours=hours) for hours in (-0.5, 0.5, 0.9, 1.5, -0.5)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert len(counted.judgements) == 4


def test_what_is_sent_along_counts() -> None:
    counted = Counted()
    memory = counted.memory
    assert trusted(memory)
    assert not trusted(memory, chain="no chain")
    assert len(counted.judgements) == 2


def test_it_stays_small() -> None:
    counted = Counted(capacity=2)
    memory = counted.memory
    first, second, third = (ROOT.issue() for _ in range(3))
    for issued in (first, second, third, third, second, first):
        assert trusted(memory, issued)
    assert counted.judgements == [first.pem, second.pem, third.pem, first.pem]
