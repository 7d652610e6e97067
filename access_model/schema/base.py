"""What all groups of keys share: unknown keys are errors, and a key without a value counts as left out."""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator


class Keys(BaseModel):
    """A group of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if None not in given.values():
            return given
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in given.items() if value is not None or key not in known}


def group_of(annotation: Any) -> type[BaseModel] | None:
    """The group of keys within a type, such as `list[Group]` or `Group | None`; None when it has none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((group for each in get_args(annotation) if (group := group_of(each)) is not None), None)
