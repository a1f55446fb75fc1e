"""Every address of the product."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from console.views import customer, desk, fixing, health, judging, live, me, offers, policy, queue, replies, search, session, snooze, wall

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="queue")),
    path("admin/", admin.site.urls),
    path("login/", session.sign_in, name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("availability/", session.availability, name="availability"),
    path("queue/", queue.show, name="queue"),
    path("queue/claim-next/", queue.claim_next, name="claim_next"),
    path("offers/<int:number>/accept/", offers.accept, name="accept_offer"),
    path("offers/<int:number>/decline/", offers.decline, name="decline_offer"),
    path("handoffs/<uuid:key>/", desk.show, name="desk"),
    path("handoffs/<uuid:key>/claim/", desk.claim, name="claim"),
    path("handoffs/<uuid:key>/turns/", desk.say, name="say"),
    path("handoffs/<uuid:key>/check/", desk.check, name="check"),
    path("handoffs/<uuid:key>/notes/", desk.note, name="note"),
    path("handoffs/<uuid:key>/replies/", replies.offer, name="canned"),
    path("handoffs/<uuid:key>/draft/reject/", desk.reject_draft, name="reject_draft"),
    path("handoffs/<uuid:key>/transfer/", desk.transfer, name="transfer"),
    path("handoffs/<uuid:key>/release/", desk.release, name="release"),
    path("handoffs/<uuid:key>/resolve/", desk.resolve, name="resolve"),
    path("handoffs/<uuid:key>/hand-back/", desk.hand_back, name="hand_back"),
    path("handoffs/<uuid:key>/undo/", desk.undo, name="undo"),
    path("handoffs/<uuid:key>/snooze/", snooze.snooze, name="snooze"),
    path("handoffs/<uuid:key>/wake/", snooze.wake, name="wake"),
    path("handoffs/<uuid:key>/seen/", desk.seen, name="seen"),
    path("handoffs/<uuid:key>/look-up/<slug:source>/", desk.look_up, name="look_up"),
    path("handoffs/<uuid:key>/put-right/", fixing.put_right, name="put_right"),
    path("handoffs/<uuid:key>/sources/", fixing.mark_source, name="mark_source"),
    path("me/", me.show, name="me"),
    path("me/save/", me.save, name="me_save"),
    path("me/keys/reset/", me.reset, name="me_reset"),
    path("me/switch/", me.switch, name="me_switch"),
    path("chat/", customer.chat_new, name="chat_new"),
    path("c/<str:token>/", customer.page, name="customer"),
    path("c/<str:token>/say/", customer.say, name="customer_say"),
    path("c/<str:token>/ask/", customer.ask, name="customer_ask"),
    path("c/<str:token>/email/", customer.leave_email, name="customer_email"),
    path("c/<str:token>/survey/", customer.survey, name="customer_survey"),
    path("c/<str:token>/put-right/", customer.put_right, name="customer_put_right"),
    path("c/<str:token>/seen/", customer.seen, name="customer_seen"),
    path("replies/", replies.show, name="replies"),
    path("replies/<int:number>/", replies.show, name="reply"),
    path("replies/save/", replies.save, name="reply_new"),
    path("replies/<int:number>/save/", replies.save, name="reply_save"),
    path("replies/<int:number>/delete/", replies.delete, name="reply_delete"),
    path("search/", search.show, name="search"),
    path("wall/", wall.show, name="wall"),
    path("policy/", policy.show, name="policy"),
    path("policy/draft/", policy.save, name="policy_save"),
    path("policy/discard/", policy.discard, name="policy_discard"),
    path("policy/publish/", policy.publish, name="policy_publish"),
    path("policy/replay/", policy.replay, name="policy_replay"),
    path("policy/cancel/", policy.cancel, name="policy_cancel"),
    path("policy/reviewed/", policy.reviewed, name="policy_reviewed"),
    path("policy/versions/<int:number>/", policy.go_back, name="policy_back"),
    path("policy/answers/", judging.answers, name="policy_answers"),
    path("policy/answers/<int:number>/", judging.judge, name="policy_judge"),
    path("policy/flips/<int:number>/", judging.flip, name="policy_flip"),
    path("policy/flips/<int:number>/mark/", judging.mark, name="policy_mark"),
    path("live/pull/", live.pull, name="pull"),
    path("live/pull/c/<str:token>/", live.pull_customer, name="pull_customer"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("console.api.urls")),
]

handler403 = "console.views.errors.forbidden"
handler404 = "console.views.errors.not_found"
handler500 = "console.views.errors.failed"
