"""What stands in the shipped regulations, typed by hand from the inventories: every numbered entry, every figure.

Nothing here is read from the policy files; `test_articles` compares the two. A figure says which entry it belongs to,
how the text says it, where the policy must carry it, and what must stand there.
"""

from typing import NamedTuple

TIANJIN = "power/tianjin-callback"
DAZU = "power/dazu-complaint-assessment"
PROJECT = "power/customer-project"
REPAIR = "service/auto-repair-complaint"
TELECOM = "telecom/telecom-install-service"
LETTERS = "power/power-letters-visits"

# T time limits, C callbacks, G approvals and gates, R rules and reports, S statistics, A assessment, F forms,
# D data needed, X and Q odd or contradictory
ENTRIES = {
    TIANJIN: "T1-15 C1-10 G1-4 R1-3 F1-7 D1-11 X1-12",
    DAZU: "T1-18 C1-3 G1-9 R1-9 A1-22 F1-8 D1-11 X1-19",
    PROJECT: "T1-14 G1-19 F1-18 D1-7 X1-12",
    REPAIR: "T1-16 C1-5 G1-4 A1-4 F1-2 D1-4 Q1-6",
    TELECOM: "T1-33 C1-9 R1-8 G1-12 S1-11 A1-5 F1-12 D1-12 Q1-8",
    LETTERS: "T1-9 C1 G1-3 A1-5 F1-3 Q1-5",
}

# printed articles: how many there are, so that none is passed over
ARTICLES = {TIANJIN: 15, DAZU: 31, PROJECT: 35, REPAIR: 7, TELECOM: 90, LETTERS: 12}


class Figure(NamedTuple):
    """One figure of a text."""

    policy: str
    entry: str
    said: str
    where: str  # "<rule>.<key>", "parameters.<name>", "facts.<name>.<when>" or "rule.extensions.<event>"
    is_: str


FIGURES = [
    Figure(*line)
    for line in (
        (TIANJIN, "T1", "7个工作日内", "callback-business-high.within", "7 working days"),
        (TIANJIN, "T1", "7个工作日内", "callback-business-low.within", "7 working days"),
        (TIANJIN, "T2", "24小时内", "facts.repair_limit.disaster=false", "24 hours"),
        (TIANJIN, "T3", "可延长至48小时", "facts.repair_limit.disaster=true", "48 hours"),
        (TIANJIN, "T3", "可延长至48小时", "callback-repair.extensions.disaster_declared", "48 hours"),
        (TIANJIN, "T4", "投诉5个工作日", "reply-complaint.within", "5 working days"),
        (TIANJIN, "T5", "举报10个工作日", "reply-report.within", "10 working days"),
        (TIANJIN, "T6", "5-10个工作日", "reply-other.target", "5 working days"),
        (TIANJIN, "T6", "5-10个工作日", "reply-other.within", "10 working days"),
        (TIANJIN, "T7", "单独存档一年", "letter-originals.keep", "1 year"),
        (TIANJIN, "T8", "每年年底", "yearly-plan.every", "calendar year"),
        (TIANJIN, "T8", "每年年底(日子由使用单位定)", "parameters.year_end_plan", "last day of this year"),
        (TIANJIN, "T9", "每年不少于一次", "yearly-callback.every", "calendar year"),
        (TIANJIN, "T9", "每年不少于一次", "yearly-callback-band.every", "calendar year"),
        (TIANJIN, "T9", "10kv及以上", "parameters.large_kv", "10"),
        (TIANJIN, "X2", "65kv级以上", "parameters.visit_kv", "65"),
        (TIANJIN, "T10", "每年至少两次", "campaigns.every", "calendar year"),
        (TIANJIN, "T10", "每年至少两次", "campaigns.at_least", "2"),
        (TIANJIN, "T11", "全过程历时一个月", "campaign.within", "1 month"),
        (TIANJIN, "T11", "全过程历时一个月", "card-sample.within", "1 month"),
        (TIANJIN, "T12", "每月7日16:00前", "parameters.sub_centre_report_due", "day 7 of next month 16:00"),
        (TIANJIN, "T12", "每月", "monthly-unit.every", "calendar month"),
        (TIANJIN, "T12", "节假日不顺延", "monthly-unit.days.rolls", "no"),
        (TIANJIN, "T13", "每月7日16:00前", "monthly-company.within", "day 7 of next month 16:00"),
        (TIANJIN, "T13", "每月", "monthly-company.every", "calendar month"),
        (TIANJIN, "T13", "节假日不顺延", "monthly-company.days.rolls", "no"),
        (TIANJIN, "C8", "不低于10%", "parameters.other_rate", "0.1"),
        (TIANJIN, "C8", "按月抽样", "callback-sampled.draw", "calendar month"),
        (TIANJIN, "C1", "10kv及以上", "callback-business-high.when.voltage_kv.at_least", "10"),
        (TIANJIN, "C1", "10kv及以上", "called_back@第八条.when.voltage_kv.at_least", "10"),
        (TIANJIN, "C2", "10kv以下", "callback-business-low.when.voltage_kv.below", "10"),
        (TIANJIN, "C2", "10kv以下", "called_back@第八条.when.voltage_kv.below", "10"),
        (TIANJIN, "D8", "没有写,随便取一个数", "parameters.sampling_seed", "1"),
        (TIANJIN, "C9", "非居民客户的10%", "parameters.nonresident_card_rate", "0.1"),
        (TIANJIN, "C9", "居民客户的1%", "parameters.resident_card_rate", "0.01"),
        (TIANJIN, "C9", "当月客户", "card-sample.draw", "calendar month"),
        (DAZU, "T1", "1个小时内", "send.within", "1 hour"),
        (DAZU, "T2", "1个工作日内", "contact.within", "1 working day"),
        (DAZU, "T3", "4个工作日内", "resolve.within", "4 working days"),
        (DAZU, "T5", "24小时内", "callback.within", "24 hours"),
        (DAZU, "T6", "接单后的1个工作日内", "return-window.within", "1 working day"),
        (DAZU, "T7", "当日", "severe-brief.within", "same day"),
        (DAZU, "T9", "首日", "parameters.first_day_target", "same day"),
        (DAZU, "T12", "每月(日子由使用单位定)", "parameters.bulletin_due", "last day of this month"),
        (DAZU, "T14", "半年内", "half-year-opinion.every", "calendar half-year"),
        (DAZU, "T15", "当月", "deduct.within", "last day of this month"),
        (DAZU, "T16", "1个月", "standby.within", "1 month"),
        (DAZU, "T17", "一年", "probation.within", "1 year"),
        (DAZU, "A3", "100~200元", "work-quality.amount", "100-200"),
        (DAZU, "A4", "200~300元", "work-quality-loss.amount", "200-300"),
        (DAZU, "A5", "200~500元", "poor-attitude.amount", "200-500"),
        (DAZU, "A6", "300~600元", "vile-attitude.amount", "300-600"),
        (DAZU, "A7", "不少于800元", "major-primary.amount", "800-"),
        (DAZU, "A8", "不少于600元", "major-secondary.amount", "600-"),
        (DAZU, "A9", "不少于500元", "major-workshop.amount", "500-"),
        (DAZU, "A10", "不少于300元", "major-department.amount", "300-"),
        (DAZU, "A11", "不少于300元", "major-leaders.amount", "300-"),
        (DAZU, "A12", "不少于1000元", "severe-primary.amount", "1000-"),
        (DAZU, "A13", "不少于800元", "severe-secondary.amount", "800-"),
        (DAZU, "A14", "不少于600元", "severe-workshop.amount", "600-"),
        (DAZU, "A15", "不少于400元", "severe-department.amount", "400-"),
        (DAZU, "A16", "不少于400元", "severe-deputy.amount", "400-"),
        (DAZU, "A7", "记大过至开除", "major-primary.sanction", "记大过-开除"),
        (DAZU, "A8", "记过至开除", "major-secondary.sanction", "记过-开除"),
        (DAZU, "A9", "警告至撤职", "major-workshop.sanction", "警告-撤职"),
        (DAZU, "A10", "记过至降职", "major-department.sanction", "记过-降职"),
        (DAZU, "A11", "警告至降职", "major-leaders.sanction", "警告-降职"),
        (DAZU, "A12", "不高于留用察看一年", "severe-primary.sanction", "-留用察看"),
        (DAZU, "A13", "不高于记大过", "severe-secondary.sanction", "-记大过"),
        (DAZU, "A17", "加倍", "outside-channel.factor", "2"),
        (DAZU, "A18", "每件500元", "false-reply.amount", "500"),
        (DAZU, "A21", "加大考核力度,没有倍数", "parameters.subjective_factor", "1"),
        (DAZU, "X8", "每件500元是否加倍没有写", "parameters.false_reply_factor", "1"),
        (DAZU, "X12", "每月应留多少没有写", "parameters.pay_kept", "0"),
        (DAZU, "R9", "投诉100%回访", "callback-rate.target.at_least", "1"),
        (PROJECT, "T1", "3日内", "completion-report.within", "3 days"),
        (PROJECT, "T2", "一日内", "meter-notice.within", "1 day"),
        (PROJECT, "T3", "二日内", "meter-and-supply.within", "2 days"),
        (PROJECT, "T4", "供电后一月内", "check-after-supply.within", "1 month"),
        (PROJECT, "T5", "约2/3", "parameters.first_inspection_progress", "66"),
        (PROJECT, "G1", "3000KVA及以上", "plan_fixed@第九条.when.capacity_kva.at_least", "3000"),
        (PROJECT, "G1", "3000KVA及以上", "facts.dedicated_line=True.capacity_kva.at_least", "3000"),
        (PROJECT, "G3", "1000kVA以下", "facts.plan_answerer=branch_marketing.capacity_kva.below", "1000"),
        (PROJECT, "G4", "10kW及以下", "facts.design_reviewer=supply_station.load_kw.at_most", "10"),
        (PROJECT, "G5", "10-1000kVA", "facts.design_reviewer=branch_marketing.capacity_kva.at_least", "10"),
        (PROJECT, "G5", "不含1000kVA", "facts.design_reviewer=branch_marketing.capacity_kva.below", "1000"),
        (PROJECT, "G6", "1000kVA及以上", "facts.design_reviewer=municipal.capacity_kva.at_least", "1000"),
        (PROJECT, "T6", "一般为1-4次", "parameters.usual_inspections", "4"),
        (REPAIR, "T1", "10分钟内", "hand-over.within", "10 minutes"),
        (REPAIR, "T2", "10分钟内", "agreement.within", "10 minutes"),
        (REPAIR, "T3", "20分钟内", "first-call.within", "20 minutes"),
        (REPAIR, "T4", "现场10分钟内", "onsite-contact.within", "10 minutes"),
        (REPAIR, "T5", "40分钟后", "track.not_before", "40 minutes"),
        (REPAIR, "T6", "12小时内", "return-form.within", "12 hours"),
        (REPAIR, "T7", "24小时内", "second-talk.within", "24 hours"),
        (REPAIR, "T8", "每天", "empty-box.every", "calendar day"),
        (REPAIR, "T9", "30分钟", "facts.first_response_limit.level=dissatisfied", "30 minutes"),
        (REPAIR, "T10", "20分钟", "facts.first_response_limit.level=very", "20 minutes"),
        (REPAIR, "T11", "10分钟", "facts.first_response_limit.level=major", "10 minutes"),
        (REPAIR, "T12", "10分钟", "facts.first_response_limit.level=crisis", "10 minutes"),
        (REPAIR, "T9", "2次", "twice-dissatisfied.at_least", "2"),
        (REPAIR, "T13", "24小时", "second-response.within", "24 hours"),
        (REPAIR, "A1", "20元", "facts.overtime_fine.level=dissatisfied", "20"),
        (REPAIR, "A2", "30元", "facts.overtime_fine.level=very", "30"),
        (REPAIR, "A3", "50元", "facts.overtime_fine.level=major", "50"),
        (REPAIR, "A4", "80元", "facts.overtime_fine.level=crisis", "80"),
        (TELECOM, "T2", "上门前半小时", "notify-before-visit.lead", "30 minutes"),
        (TELECOM, "T10", "至少每年检查1次", "building-inspection.every", "calendar year"),
        (TELECOM, "T12", "当天", "callback.target", "same day"),
        (TELECOM, "T12", "最长三天内", "callback.within", "3 days"),
        (TELECOM, "C1", "100%", "callback.rate", "1"),
        (TELECOM, "C1", "100%", "callback-rate.target.at_least", "1"),
        (TELECOM, "S10", "100%实现同时上门", "simultaneous-visits.target.at_least", "1"),
        (TELECOM, "T13", "按日", "callback-daily.every", "calendar day"),
        (TELECOM, "T13", "按周", "callback-weekly.every", "calendar week"),
        (TELECOM, "T13", "按月", "callback-monthly.every", "calendar month"),
        (TELECOM, "T14", "2小时", "contact-complainant.within", "2 hours"),
        (TELECOM, "T18", "每年至少1次", "province-inspection.every", "calendar year"),
        (TELECOM, "T19", "每季度至少1次", "branch-inspection.every", "calendar quarter"),
        (TELECOM, "T20", "每月1次", "centre-inspection.every", "calendar month"),
        (TELECOM, "T21", "收到后半月内", "rectification.within", "15 days"),
        (TELECOM, "T22", "月度", "monthly-meeting.every", "calendar month"),
        (LETTERS, "T2", "在5天内", "solve.within", "5 days"),
        (LETTERS, "T4", "在10日内", "answer-special.within", "10 days"),
        (LETTERS, "T7", "每月", "reception-day.every", "calendar month"),
        (LETTERS, "A2", "一次20元", "first-responsible.amount", "20"),
        (LETTERS, "A3", "一次50元", "promise-breach.amount", "50"),
        (LETTERS, "A4", "一次20元", "arrogance.amount", "20"),
        (LETTERS, "A5", "每人每次100元", "extortion.amount", "100"),
    )
]

# ids that a policy uses for an entry that the inventory has without a number
UNPRINTED: dict[str, set[str]] = {policy: set() for policy in ENTRIES}
