"""Which channel is the seller's: as the PBX told, else by who opens like a seller, else the usual one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.transcribe.domain.transcript import Heard, Speaker
from services.transcribe.domain.vocabulary import CLIENT_OPENS, SELLER_OPENS

OPENING_WORDS = 30


class Ground(StrEnum):
    """Why a channel is taken for the seller's."""

    TOLD = "told"
    OPENING = "opening"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """The seller's channel; `doubtful` when the opening words speak for the other one."""

    seller: int
    ground: Ground
    doubtful: bool

    def speakers(self, channels: Sequence[int]) -> Mapping[int, Speaker]:
        return {channel: Speaker.SELLER if channel == self.seller else Speaker.CLIENT for channel in channels}


def map_channels(told: int | None, heard: Sequence[Heard], usual: int = 0) -> ChannelMap:
    """`told`: what the PBX said (it wins, a contradiction is noted); `usual`: the setting for when nobody knows."""
    lead = {channel.channel: opening_score(channel) for channel in heard}
    ranked = sorted(lead, key=lambda channel: lead[channel], reverse=True)
    clear = len(ranked) > 1 and lead[ranked[0]] - lead[ranked[1]] >= 2
    if told is not None:
        return ChannelMap(told, Ground.TOLD, doubtful=clear and ranked[0] != told)
    if clear:
        return ChannelMap(ranked[0], Ground.OPENING, doubtful=False)
    return ChannelMap(usual, Ground.USUAL, doubtful=True)


def opening_score(heard: Heard) -> int:
    """How much the first words of a channel sound like a seller (positive) or a client (negative)."""
    return opening_lead(" ".join(word.text for word in heard.words[:OPENING_WORDS]))


def opening_lead(text: str) -> int:
    """The same for any text: seller's phrases minus client's phrases."""
    plain = text.lower().replace("ё", "е")
    return len(SELLER_OPENS.findall(plain)) - len(CLIENT_OPENS.findall(plain))
