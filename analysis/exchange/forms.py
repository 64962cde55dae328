"""Every form by its name."""

from analysis.exchange import pair_forms, rating_forms, score_forms, vote_forms
from analysis.exchange.form import Form

FORMS: dict[str, Form] = vote_forms.FORMS | pair_forms.FORMS | rating_forms.FORMS | score_forms.FORMS
