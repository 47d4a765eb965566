"""The only writer of the desk: every function is one transaction that adds to the record and refreshes what is owed.

An action takes who acts (`by`) and raises a `DeskError` that says what was wrong; then nothing was written.
"""

from bihuan.desk.actions.accounts import close_account, set_administrator, set_password
from bihuan.desk.actions.cases import (
    accept,
    append,
    attach,
    correct,
    merge,
    move,
    note,
    preview_accept,
    preview_move,
)
from bihuan.desk.actions.destroying import (
    approve_destruction,
    ask_destruction,
    decline_destruction,
    destroy,
    kept,
    sweep,
    waiting_destructions,
)
from bihuan.desk.actions.draws import cut, cut_due
from bihuan.desk.actions.loading import load
from bihuan.desk.actions.moving import (
    handover,
    load_notice,
    preview_handover,
    preview_notice,
    preview_parameter,
    set_parameter,
)
from bihuan.desk.actions.notices import approve_notice, ask_notice, decline_notice, waiting_notices
from bihuan.desk.actions.office import (
    add_deputy,
    add_person,
    add_subject,
    add_unit,
    deactivate,
    end_deputy,
    end_role,
    end_subject,
    grant,
    install,
    log_unmasking,
    put_in_force,
    set_pay,
    take_out_of_force,
)
from bihuan.desk.actions.outside import (
    log_export,
    make_token,
    revoke_token,
    send_again,
    subscribe,
    unsubscribe,
)
from bihuan.desk.actions.seals import seal

__all__ = [
    "accept",
    "append",
    "correct",
    "merge",
    "move",
    "preview_move",
    "preview_accept",
    "note",
    "attach",
    "load",
    "cut",
    "cut_due",
    "install",
    "put_in_force",
    "take_out_of_force",
    "add_unit",
    "add_person",
    "deactivate",
    "grant",
    "end_role",
    "add_deputy",
    "end_deputy",
    "add_subject",
    "end_subject",
    "set_pay",
    "set_parameter",
    "preview_parameter",
    "ask_notice",
    "waiting_notices",
    "approve_notice",
    "decline_notice",
    "preview_handover",
    "set_password",
    "set_administrator",
    "close_account",
    "preview_notice",
    "load_notice",
    "handover",
    "log_unmasking",
    "ask_destruction",
    "waiting_destructions",
    "approve_destruction",
    "decline_destruction",
    "destroy",
    "kept",
    "sweep",
    "seal",
    "make_token",
    "revoke_token",
    "subscribe",
    "unsubscribe",
    "send_again",
    "log_export",
]
