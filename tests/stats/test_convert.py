"""studyapp analyse convert: each form by hand, there and back, and what the peers make and read."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.exchange.forms import FORMS

pytestmark = pytest.mark.filterwarnings("ignore::analysis.errors.InputWarning")

BY_HAND = {
    "form": "judge,image,first,second,third\nJude,001,Ada,Bea,Cid\nJune,001,Bea,Ada,Dan\n",
    "wide": (
        "judge,001 [first],001 [second],002 [first],002 [second]\n"
        "Jude,Ada,Bea,Cid,Ada\nJune,Bea,Ada,Ada,Bea\n"
    ),
    "picks": "judge,image,team,rank\nJude,001,Ada,1\nJude,001,Bea,2\nJune,001,Bea,1\nJune,001,Cid,2\n",
    "ranking-matrix": "judge,image,Ada,Bea,Cid,Dan\nJude,001,1,2,0,0\nJude,002,2,0,1,\nJune,001,0,0,2,1\n",
    "subjectify": (
        "answer,left_method,right_method,participant,test_case\n"
        "Ada,Ada,Bea,June,001\n,Bea,Cid,June,001\nCid,Ada,Cid,Jude,002\n"
    ),
    "pwcmp": (
        "observer,session,scene,condition_A,condition_B,is_A_selected\n"
        "June,1,001,Ada,Bea,1\nJune,2,001,Bea,Ada,0\nJude,1,002,Cid,Bea,1\n"
    ),
    "arena": json.dumps(
        [
            {"question_id": "81", "model_a": "Ada", "model_b": "Bea", "winner": "model_b", "judge": "June",
             "tstamp": 1682351591.1322},
            {"question_id": "81", "model_a": "Cid", "model_b": "Bea", "winner": "tie (bothbad)",
             "judge": "June", "tstamp": 1682351600.0},
            {"question_id": "82", "model_a": "Ada", "model_b": "Cid", "winner": "tie", "judge": "Jude"},
        ],
        indent=1,
    )
    + "\n",
    "sureal": json.dumps(
        {
            "dataset_name": "study",
            "ref_videos": [{"content_id": 0, "content_name": "001", "path": "001"}],
            "dis_videos": [
                {"content_id": 0, "asset_id": 0, "path": "001/Ada", "os": {"June": 4, "Jude": [3, 5]}},
                {"content_id": 0, "asset_id": 1, "path": "001/Bea", "os": {"June": 2.5}},
            ],
        },
        indent=1,
    )
    + "\n",
    "raters": "judge,001/Ada,001/Bea,002/Ada\nJude,3,,4\nJune,4,2,5\n",
    "p910-worker": (
        "HITId,workerid,file,short_file_name,vote,condition_name\n"
        "H1,June,001/Ada,Ada,4,Ada\nH1,June,001/Bea,Bea,2,Bea\nH2,Jude,001/Ada,Ada,5,Ada\n"
    ),
    "p910-clip": (
        "file_url,n,MOS,std,95%CI,short_file_name,condition_name,vote_1,vote_2\n"
        "001/Ada,2,4.5,0.7071067811865476,0.9799999999999999,Ada,Ada,4,5\n001/Bea,1,2,,,Bea,Bea,2,\n"
    ),
    "codabench": '{\n "psnr": 30.5,\n "lpips": 0.12\n}\n',
}  # fmt: skip


def converted(text, tmp_path, *options, expect=0):
    source = tmp_path / "in"
    source.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["convert", str(source), *options])
    assert result.exit_code == expect, result.output
    return result


def same(text, other):
    if text.lstrip()[:1] in "[{":
        return json.loads(text) == json.loads(other)
    return text == other


def test_every_form_has_a_file_by_hand():
    assert set(BY_HAND) == {name for name, form in FORMS.items() if form.read}


@pytest.mark.parametrize("kind", BY_HAND)
def test_a_form_comes_back_as_it_was(kind, tmp_path):
    team = ["--team", "Ada"] if kind == "codabench" else []
    ours = converted(BY_HAND[kind], tmp_path, "--from", kind, *team).stdout
    back = converted(ours, tmp_path, "--to", kind).stdout
    assert same(back, BY_HAND[kind]), back
    direct = converted(BY_HAND[kind], tmp_path, "--from", kind, "--to", kind, *team).stdout
    assert direct == back


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (
            "subjectify",
            "judge,image,team_a,team_b,answer\nJune,001,Ada,Bea,a\nJune,001,Bea,Cid,tie\nJude,002,Ada,Cid,b\n",
        ),
        (
            "pwcmp",
            "judge,image,session,team_a,team_b,answer\n"
            "June,001,1,Ada,Bea,a\nJune,001,2,Bea,Ada,b\nJude,002,1,Cid,Bea,a\n",
        ),
        (
            "arena",
            "judge,image,team_a,team_b,answer,at\nJune,81,Ada,Bea,b,2023-04-24T15:53:11.132200+00:00\n"
            "June,81,Cid,Bea,bad,2023-04-24T15:53:20+00:00\nJude,82,Ada,Cid,tie,\n",
        ),
        (
            "sureal",
            "judge,image,team,score,kind\nJune,001,Ada,4,main\nJude,001,Ada,3,main\n"
            "Jude,001,Ada,5,repeat\nJune,001,Bea,2.5,main\n",
        ),
        (
            "p910-worker",
            "judge,image,team,score,trial\nJune,001,Ada,4,H1\nJune,001,Bea,2,H1\nJude,001,Ada,5,H2\n",
        ),
    ],
)
def test_ours_are_what_the_form_says(kind, ours, tmp_path):
    assert converted(BY_HAND[kind], tmp_path, "--from", kind).stdout == ours


def test_a_form_services_ranking_question_is_read(tmp_path):
    text = "Timestamp,Your name,001,002\n2026-05-01,Jude,Ada;Bea;Cid;,Cid;Ada;Bea\n"
    ours = pd.read_csv(pd.io.common.StringIO(converted(text, tmp_path, "--from", "wide").stdout), dtype=str)
    picked = ours[ours["image"] == "002"].set_index("team")["rank"]
    assert picked.to_dict() == {"Ada": "2", "Bea": "3", "Cid": "1"}
    assert set(ours["at"]) == {"2026-05-01"}


def test_what_a_form_cannot_hold_is_named(tmp_path):
    ours = (
        "judge,image,team_a,team_b,answer,seconds,kind\n"
        "June,1,Ada,Bea,a,3,main\nJune,1,Bea,Cid,tie,4,main\nJune,1,Ada,Cid,b,5,repeat\n"
    )
    refused = converted(ours, tmp_path, "--to", "pwcmp", expect=2)
    assert "2 of 3 rows cannot be written, first row 2" in refused.stderr
    assert "use --leave-out" in refused.stderr
    done = converted(ours, tmp_path, "--to", "pwcmp", "--leave-out")
    assert done.stdout.splitlines()[1:] == ["June,1,1,Ada,Bea,1"]
    assert "left out 2 of 3 answers" in done.stderr
    assert "left out because pwcmp cannot hold them: seconds" in done.stderr


def test_simulated_answers_do_not_lose_their_mark(tmp_path):
    ours = "judge,image,team,score,simulated\nA,i,x,3,true\nA,i,y,4,false\n"
    refused = converted(ours, tmp_path, "--to", "raters", expect=2)
    assert "row 1: the format cannot mark simulated answers" in refused.stderr


def test_conditions_have_means_and_no_single_answers(tmp_path):
    done = converted(BY_HAND["p910-worker"], tmp_path, "--from", "p910-worker", "--to", "p910-cond")
    assert done.stdout.splitlines()[0] == "condition_name,n,MOS,std,95%CI"
    assert done.stdout.splitlines()[1].startswith("Ada,2,4.5,0.7071067811865476,")
    refused = converted(done.stdout, tmp_path, "--from", "p910-cond", expect=2)
    assert "no single answers" in refused.stderr


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("subjectify", BY_HAND["subjectify"].replace("Cid,Ada,Cid", "Dan,Ada,Cid"), "row 3: answer 'Dan'"),
        ("pwcmp", BY_HAND["pwcmp"].replace("Cid,Bea,1", "Cid,Bea,2"), "row 3: is_A_selected is '2'; use 1"),
        ("pwcmp", BY_HAND["pwcmp"].replace("observer", "observr"), "did you mean 'observer'"),
        ("arena", BY_HAND["arena"].replace("tie (bothbad)", "draw"), "row 2: unknown winner 'draw'"),
        ("arena", '[{"model_a": "A"', "not valid JSON at line 1"),
        ("arena", "[3]", "entry 1: 3 is not an object"),
        ("arena", BY_HAND["arena"].replace("1682351600.0", '"noon"'), "row 2: tstamp 'noon' is not a time"),
        (
            "sureal",
            BY_HAND["sureal"].replace("2.5", '"good"'),
            "subject June: 'good' is not a score",
        ),
        ("sureal", "{}", "no dis_videos"),
        ("raters", BY_HAND["raters"].replace("3,,4", "3,,x"), "'x' is not a number"),
        ("p910-worker", BY_HAND["p910-worker"].replace("H2,Jude", "H2,"), "judge, row 3: empty"),
        (
            "ranking-matrix",
            BY_HAND["ranking-matrix"].replace("1,2,0,0", "1,-2,0,0"),
            "Bea has the rank -2",
        ),
        ("wide", "who,001 [first]\nJ,Ada\n", "no column names the judges"),
        ("codabench", '{"psnr": "high"}', "psnr is 'high'; give a number"),
        ("codabench", '{"psnr": 3}', "add --team"),
    ],
)
def test_bad_input_names_the_row_the_value_and_the_remedy(kind, text, says, tmp_path):
    team = ["--team", "Ada"] if "high" in text else []
    assert says in converted(text, tmp_path, "--from", kind, *team, expect=2).stderr


def test_tables_do_not_become_others(tmp_path):
    refused = converted(BY_HAND["pwcmp"], tmp_path, "--from", "pwcmp", "--to", "sureal", expect=2)
    assert (
        "sureal is a format for ratings, but these are pairs; formats for pairs: subjectify, pwcmp, arena"
        in refused.stderr
    )
    assert "give --from, --to or both" in converted("a\n1\n", tmp_path, expect=2).stderr


def test_names_with_slashes_come_back(tmp_path):
    ours = "judge,image,team,score\nA,a/b 100%,x/y,3\nA,a/b 100%,z,4\n"
    for kind in ("sureal", "raters", "p910-worker"):
        there = converted(ours, tmp_path, "--to", kind).stdout
        assert converted(there, tmp_path, "--from", kind).stdout == ours


def test_sureal_reads_what_we_write_and_we_read_what_it_writes(tmp_path):
    misc = pytest.importorskip("sureal.tools.misc")
    reader = pytest.importorskip("sureal.dataset_reader")
    ours = "judge,image,team,score\n" + "".join(
        f"J{j},i{i},T{t},{1 + (j + 2 * i + t) % 5}\n" for j in range(4) for i in range(2) for t in range(3)
    )
    (tmp_path / "set.json").write_text(converted(ours, tmp_path, "--to", "sureal").stdout)
    data = misc.import_json_file(str(tmp_path / "set.json"))
    peer = reader.RawDatasetReader(data)
    array = peer.opinion_score_3darray[:, :, 0]
    assert array.shape == (6, 4)
    table = pd.read_csv(tmp_path / "in")
    for row in table.itertuples():
        stimulus = next(
            n for n, video in enumerate(data.dis_videos) if video["path"] == f"{row.image}/{row.team}"
        )
        assert array[stimulus, int(row.judge[1:])] == row.score
    again = peer.to_aggregated_dataset(np.mean(array, axis=1))
    assert len(again.dis_videos) == 6
    made = {
        "dataset_name": "peer",
        "ref_videos": data.ref_videos,
        "dis_videos": peer.to_dictionary_style_dataset().dis_videos,
    }
    back = converted(json.dumps(made), tmp_path, "--from", "sureal").stdout
    assert sorted(back.splitlines()[1:]) == sorted(ours.splitlines()[1:])


def test_choix_and_we_make_the_same_of_an_arenas_comparisons(tmp_path):
    choix = pytest.importorskip("choix")
    worth = np.array([0.8, 0.1, -0.9])
    np.random.seed(1)
    made = choix.generate_pairwise(worth, n_comparisons=300)
    rows = [
        {"model_a": f"T{a}", "model_b": f"T{b}", "winner": "model_a", "judge": "J", "question_id": "q"}
        for a, b in made
    ]
    ours = converted("\n".join(map(json.dumps, rows)), tmp_path, "--from", "arena").stdout
    (tmp_path / "pairs.csv").write_text(ours)
    result = CliRunner().invoke(main, ["pairs", str(tmp_path / "pairs.csv"), "--format", "json"])
    found = {row["team"]: row["log_worth"] for row in json.loads(result.stdout)["teams"]}
    expected = choix.ilsr_pairwise(3, made, tol=1e-10)
    np.testing.assert_allclose([found[f"T{n}"] for n in range(3)], expected, atol=1e-6)


def test_krippendorff_makes_the_same_of_our_matrix_of_raters_as_we_of_the_rows(tmp_path):
    krippendorff = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(3)
    rows = [
        f"J{judge},i{image},T{team},{min(5, max(1, round(image + team / 2 + rng.normal())))}"
        for judge in range(5)
        for image in range(4)
        for team in range(3)
        if rng.random() < 0.8
    ]
    ours = "judge,image,team,score\n" + "\n".join(rows) + "\n"
    (tmp_path / "ratings.csv").write_text(ours)
    matrix = pd.read_csv(pd.io.common.StringIO(converted(ours, tmp_path, "--to", "raters").stdout))
    theirs = krippendorff.alpha(
        reliability_data=matrix.drop(columns="judge").to_numpy(), level_of_measurement="ordinal"
    )
    result = CliRunner().invoke(main, ["ratings", str(tmp_path / "ratings.csv"), "--format", "json"])
    found = {row["coefficient"]: row["value"] for row in json.loads(result.stdout)["agreement"]}
    assert found["alpha_ordinal"] == pytest.approx(theirs, abs=1e-9)
