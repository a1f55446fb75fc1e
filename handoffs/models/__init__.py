"""What is stored: conversations, what was said and tried in them, handoffs with their steps, what is learned, and who takes part."""

from handoffs.models.briefs import CannedReply, Correction, CustomerRecord, ImportedRecord, RecordSource, RepeatAsk, Rewrite
from handoffs.models.conversations import Attempt, Conversation, ProposalRecord, Turn
from handoffs.models.estimates import Outlook, WaitEstimate
from handoffs.models.handoffs import Handoff, Offer, Step, Survey
from handoffs.models.learned import Example, Flip, LearnedModel, Replay, Verdict
from handoffs.models.media import Delivery, Endpoint, File, InboundMail, Mailbox
from handoffs.models.people import Agent, ApiKey, Assistant, Customer, Demand, Team
from handoffs.models.records import FirstAnswer, Heartbeat, Letter, PolicyVersion
from handoffs.models.waiting import Callback, Phrasing, Rating, WrapUp

__all__ = [
    "Agent", "ApiKey", "Assistant", "Attempt", "Callback", "CannedReply", "Conversation", "Correction", "Customer", "CustomerRecord", "Delivery", "Demand",
    "Endpoint", "Example", "File", "FirstAnswer", "Flip", "Handoff", "Heartbeat", "ImportedRecord", "InboundMail", "LearnedModel", "Letter",
    "Mailbox", "Offer", "Outlook", "Phrasing", "PolicyVersion", "ProposalRecord", "Rating", "RecordSource", "RepeatAsk", "Replay",
    "Rewrite", "Step", "Survey", "Team", "Turn", "Verdict", "WaitEstimate", "WrapUp",
]
