"""What customers send from elsewhere: mails and messages become turns of the conversation they are for, once, or are kept with the reason why not."""

from handoffs.arrivals.enclosed import fetch as fetch_enclosed
from handoffs.arrivals.mailbox import problems
from handoffs.arrivals.mailbox import read as read_mailbox
from handoffs.arrivals.mails import take as take_mail
from handoffs.arrivals.messages import NoCustomer
from handoffs.arrivals.messages import take as take_message
from handoffs.arrivals.rows import tidy

__all__ = ["NoCustomer", "fetch_enclosed", "problems", "read_mailbox", "take_mail", "take_message", "tidy"]
