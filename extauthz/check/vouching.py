"""What our own Envoy vouches for without saying so. Pure."""

from dataclasses import replace

from access_model.model import AccessModel
from extauthz.decide import Question


def vouched(question: Question, model: AccessModel) -> Question:
    """The question, its client certificate trusted if our Envoy let nobody in without a valid one.

    Envoy does not tell whether it verified a certificate, but with `downstream_mtls` it has verified every one that it
    passes on. Of a mesh that someone else programs, nothing is known.
    """
    presented = question.facts.client_certificate
    ours = question.route_id is not None and model.listener.client_certificates is not None
    if presented is None or not ours:
        return question
    return replace(question, facts=replace(question.facts, client_certificate=replace(presented, trusted=True)))
