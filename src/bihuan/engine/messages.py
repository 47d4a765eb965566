"""The words of findings, by code, in English and Chinese.

`says` is the defect, `expects` what should stand there, `hint` what to do. `{found}` is what was found as written
in the file; the other names are arguments of the finding. Only words: no level, no condition.
"""

from __future__ import annotations

from bihuan.engine.charging_words import CHARGING
from bihuan.engine.checking_words import CHECKING
from bihuan.engine.measuring_words import MEASURING
from bihuan.engine.pattern_words import PATTERNS
from bihuan.engine.reading_words import READING

WORDS = {
    "en": {
        "expected": "expected {}",
        "join": "; ",
        "stop": ". ",
        "comma": ", ",
        "or": " or ",
        "near": "Did you mean {}?",
    },
    "zh": {
        "expected": "应为{}",
        "join": ";",
        "stop": "。",
        "comma": "、",
        "or": "或",
        "near": "是否为 {}?",
    },
}

MESSAGES: dict[str, dict[str, dict[str, str]]] = {**READING, **CHECKING, **PATTERNS, **CHARGING, **MEASURING}
