"""What the rules find, what they leave alone, and that every reason shows the words as they were written. All cases are made up."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.rules import BASE, RuleResult, RuleSet, check_examples
from rasoat.assessments import Origin
from rasoat.harms import TEXT_ONLY_HARMS, Harm
from rasoat.settings import ROOT
from rasoat.text import fold


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load(ROOT / "data")


def flagged(result: RuleResult) -> set[Harm]:
    return {harm for harm, score in result.scores.items() if score >= 0}


def test_examples_and_counter_examples_in_the_files_hold(rules: RuleSet) -> None:
    assert check_examples(rules) == []


def test_every_harm_that_text_can_show_has_rules(rules: RuleSet) -> None:
    assert {rule.harm for rule in rules.loaded.rules} == TEXT_ONLY_HARMS
    assert sum(rule.harm is Harm.FRD for rule in rules.loaded.rules) >= 12


HARMFUL = {
    Harm.FRD: "Chị ơi em bên ngân hàng, chị đọc giúp em mã OTP vừa gửi về máy nhé",
    Harm.GAM: "Nhà cái uy tín số 1, anh em đăng ký chơi ngay tại vidu88.example nhận thưởng",
    Harm.SPM: "Dịch vụ tăng follow giá rẻ, bảo hành không tụt, inbox zalo em",
    Harm.CFM: "Viên uống Ví Dụ chữa khỏi tiểu đường chỉ sau 7 ngày, liên hệ hotline 0900 000 888",
    Harm.ADV: "Pod 1 lần đủ vị, giá 150k, ship toàn quốc, inbox zalo shop",
    Harm.HAT: "Lũ dân tộc thiểu số toàn là loài súc vật, không đáng sống",
    Harm.HAR: "8h tối nay tao đứng trước cổng trường chờ mày, tao đâm chết mày",
    Harm.SEX: "Em gái gọi sinh viên xinh ngon, qua đêm 1tr5, zalo 0900 002 000",
    Harm.PII: "Bán data khách hàng vip 50k số điện thoại kèm họ tên, giá 2 triệu, inbox telegram",
    Harm.SHM: "Ai chán đời muốn cùng nhau tự tử thì inbox mình lập nhóm nhé",
    Harm.IMP: "Ngân hàng thông báo tài khoản của quý khách cần xác minh, vui lòng đăng nhập https://vidubank-vn.top.example",
}


def unaccented(text: str) -> str:
    return (
        "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
        .replace("đ", "d")
        .replace("Đ", "D")
    )


@pytest.mark.parametrize("harm", HARMFUL)
@pytest.mark.parametrize(
    "render",
    [
        str,
        lambda text: unicodedata.normalize("NFD", text),
        unaccented,
        str.upper,
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace("a", "a\u200b"),
        lambda text: f"“{text}”",
        lambda text: "Chào cả nhà, hôm nay trời đẹp. " + text,
    ],
    ids=["nfc", "nfd", "unaccented", "upper", "spaces", "zero-width", "quotes", "context"],
)
def test_a_harmful_text_is_found_however_it_is_written(rules: RuleSet, harm: Harm, render: object) -> None:
    text = render(HARMFUL[harm])  # type: ignore[operator]
    result = rules.match(text)
    assert harm in flagged(result)
    for reason in result.reasons:
        assert reason.origin is Origin.RULE
        assert reason.span is not None
        assert 0 <= reason.span.start < reason.span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "harm", "words"),
    [
        ("Vào c.á c.ư.ợ.c online uy tín, đăng ký ngay zalo em tặng code", Harm.GAM, "c.á c.ư.ợ.c online uy tín, đăng ký ngay zalo"),
        ("chị đ ọ c g i ú p em mã 0TP nhé, chị đọc giúp em mã ＯＴＰ", Harm.FRD, None),
        ("Game nổ🔥hũ đổi thưởng, húp bạc triệu, tải app ib em", Harm.GAM, None),
        ("g.á.i g.ọ.i sinh viên xinh, qua đêm 1tr5, zal0 em", Harm.SEX, None),
        ("Dịсh vụ tăng fоllow giá rẻ, ib zalo", Harm.SPM, None),  # Cyrillic с and о
        ("tjm nguoi cug tu tu chug, ai chan doi mun cung nhau tu tu ib mik lap nhom", Harm.SHM, None),
    ],
)
def test_evasion_is_read_and_shown_as_written(rules: RuleSet, text: str, harm: Harm, words: str | None) -> None:
    result = rules.match(text)
    assert harm in flagged(result)
    reasons = [reason for reason in result.reasons if reason.harm is harm]
    assert all(reason.span is not None and reason.span.of(text) == reason.evidence for reason in reasons)
    assert words is None or words in {reason.evidence for reason in reasons}


PROTECTED = [
    ("P01", "Chính sách này ngu dốt, chính phủ làm ăn như súc vật, dân khổ quá"),
    ("P02", "Ông chủ tịch xã này đúng là loại ký sinh trùng, ăn bám dân"),
    ("P03", "Lũ quan tham lừa đảo, cướp đất, chuyển tiền vào túi riêng, công an bao che"),
    ("P04", "Công an phường này đúng là lũ chó, đáng khinh, địt mẹ chúng nó"),
    ("P05", "Mọi người xuống đường biểu tình ôn hòa lúc 8h sáng mai trước cổng ủy ban, kéo đến thật đông, inbox nhóm để tham gia"),
    ("P06", "Ký tên vào thư kiến nghị này và chia sẻ vào 10 nhóm giúp, link ở kiennghi.example, ai cũng cần biết"),
    ("P07", "Giám đốc sở và công ty Xây Mẫu cướp đất dân, số nhà 12 ngõ 5 bị cưỡng chế, chữ ký 50 hộ dân kèm theo"),
    ("P08", "Người Mỹ và chế độ cũ trong chiến tranh: giết hại, tàn sát, lịch sử phải được kể lại"),
    ("P11", "Tài liệu cho thấy lãnh đạo sở chuyển khoản 5 tỷ vào tài khoản sân sau, số tài khoản 000 123 456"),
    ("P12", "Ông bí thư tỉnh, nhà ở số 12 đường Mẫu, có 5 mảnh đất, sinh năm 1960"),
    ("P13", "Chủ tịch “Củ Cải” lại hứa xây cầu lên trời, cả xã cười lăn"),
    ("P15", "Chính quyền nước đó man rợ, giết hại chính dân mình, thế giới phải lên án"),
    ("P16", "Bọn ba que với bọn bò đỏ cãi nhau cả ngày, ngu như nhau"),
    ("N01", "Theo báo Làng Mới, nhóm này nhắn “chị đọc giúp em mã OTP” rồi chiếm đoạt 2 tỷ đồng của nạn nhân"),
    ("N02", "Công an huyện Sông Mới triệt phá đường dây cá độ qua trang vidu88.example, nạp đầu tặng 100%"),
    ("N05", "Kiểm chứng: bài thuốc chữa khỏi tiểu đường sau 7 ngày, hotline 0900 000 888, là thông tin sai"),
    ("N06", "Nhóm kiểm duyệt nội dung thảo luận các từ “bê đê”, “mọi rợ”, “khựa” trong danh sách từ cấm"),
    ("R01", "Mời cộng đoàn tham dự thánh lễ lúc 18h tại nhà thờ, hãy đến và cầu nguyện"),
    ("R02", "Giáo lý của họ thật man rợ và phi lý, linh mục thì giả tạo"),
    ("R06", "Mình là gay, hôm nay mình công khai, tự hào lắm, hẹn mọi người ở ngày hội Pride"),
    ("C01", "Shop này lừa đảo, chuyển khoản cọc 500k rồi chặn zalo, không giao hàng, mọi người tránh xa"),
    ("C03", "Mọi người ơi tin nhắn “tài khoản của bạn sẽ bị khóa, đăng nhập vidubank-vn.top.example” có phải lừa đảo không?"),
    ("C04", "Em bán bánh bông lan nhà làm 50k một hộp, ai ăn nhắn em nha"),
    ("C06", "Bà tôi hay sắc lá tía tô uống trị cảm, nhiều người bảo hết ho"),
    ("C09", "Mã OTP của bạn là 482913, có hiệu lực 2 phút. Tuyệt đối không chia sẻ mã này cho bất kỳ ai"),
    ("V01", "Chồng cũ nhắn tao biết nhà mày, 8h tối nay tao đến đâm chết mày, em sợ lắm, mọi người giúp em với"),
    ("V02", "Tao giết mày bây giờ, ăn hết trà sữa của tao rồi haha"),
    ("V04", "Mình mệt quá, mình chỉ muốn chết cho xong, không ai hiểu mình"),
    ("V05", "Bạn không cô đơn, nếu có ý định tự tử hãy gọi đường dây hỗ trợ"),
    ("V06", "Vĩnh biệt bạn, ra đi là giải thoát, yên nghỉ nhé"),
    ("V07", "Chuyên đề giáo dục giới tính: bao cao su và tránh thai cho học sinh lớp 9"),
    ("V08", "Phụ huynh cần dạy con lớp 5 không gửi ảnh không mặc đồ cho người lạ, đừng giấu bố mẹ"),
    ("V09", "Tìm trẻ lạc, bé 5 tuổi áo đỏ, nhà ở số 12 ngõ 5, ai thấy xin gọi 0900 000 198"),
    ("G04", "Trang trào phúng báo Củ Cải: tỷ phú đầu tư vào không khí, đọc tại baocucai.example"),
    ("H11", "Địt mẹ hôm nay tắc đường vãi, đéo về nổi nhà"),
    ("H15", "Không phải người miền nào cũng là lũ trộm cắp, đừng vơ đũa cả nắm"),
    ("H20", "Câu “bọn đồng tính là lũ bệnh hoạn” là không thể chấp nhận được"),
    ("H22", "Cái máy giặt này đúng là đồ rác rưởi, ghê tởm"),
]


@pytest.mark.parametrize(("functionality", "text"), PROTECTED)
@pytest.mark.parametrize("render", [str, unaccented, lambda text: unicodedata.normalize("NFD", text)], ids=["nfc", "unaccented", "nfd"])
def test_protected_expression_is_left_alone(rules: RuleSet, functionality: str, text: str, render: object) -> None:
    result = rules.match(render(text))  # type: ignore[operator]
    assert flagged(result) == set(), [(reason.code, reason.evidence) for reason in result.reasons]


@pytest.mark.parametrize(
    ("functionality", "text", "harm"),
    [
        ("C10", "Tài khoản của bạn sẽ bị khóa trong 24 giờ, vui lòng đăng nhập vidubank-vn.top.example để xác minh", Harm.FRD),
        ("C10", "Mã OTP vừa gửi về máy chị, chị đọc giúp em mã OTP để em hủy giao dịch", Harm.FRD),
        (
            "G07",
            "Ngân hàng thông báo: quý khách vui lòng đăng nhập vidubank-vn.top.example, nhập số thẻ và mã cvv để nhận hoàn tiền",
            Harm.IMP,
        ),
        ("P17", "9h sáng mai tôi sẽ mang dao đến trụ sở ủy ban đâm chết ông chủ tịch xã", Harm.HAR),
        ("V11", "5h chiều mai tao đứng trước cổng công ty mày, tao chém chết mày", Harm.HAR),
    ],
)
def test_harmful_twins_are_found(rules: RuleSet, functionality: str, text: str, harm: Harm) -> None:
    assert harm in flagged(rules.match(text))


def test_what_a_text_is_about_leaves_no_trace(rules: RuleSet) -> None:
    result = rules.match("Ông chủ tịch xã kia, bọn tôi ghê tởm lũ đồng tính súc vật nhà ông")
    assert not any("subject" in guard.id for guard in result.safeguards)
    assert all(guard.silent for guard in rules.loaded.safeguards if guard.id.startswith("subject"))


def test_no_safeguard_adds_and_no_rule_names_a_protected_subject(rules: RuleSet) -> None:
    assert all(weight > 0 for guard in rules.loaded.safeguards for weight in guard.weights.values())
    subjects = set(rules.loaded.subjects.phrases)
    assert subjects
    assert all(rule.harm in TEXT_ONLY_HARMS for rule in rules.loaded.rules)


def test_protected_subject_points_at_words(rules: RuleSet) -> None:
    text = "Ông chủ tịch xã bị tố tham nhũng"
    assert [span.of(text) for span in rules.protected_subject(text)] == ["Ông chủ tịch", "chủ tịch xã", "tham nhũng"]
    assert rules.protected_subject("Bán bánh bông lan") == ()


def test_accents_decide_when_the_writer_uses_them(rules: RuleSet) -> None:
    assert Harm.FRD not in flagged(rules.match("Em đọc giúp em mã ô tô pê này với ạ"))
    assert rules.match("Hôm nay trời đẹp quá").scores == {}
    assert rules.match("").probability(Harm.FRD) == pytest.approx(0.018, abs=0.001)
    assert BASE < 0


def test_words_in_quotation_marks_count_only_when_nothing_is_around_them(rules: RuleSet) -> None:
    hate = "bọn nhập cư là lũ chuột, đuổi hết chúng đi"
    assert Harm.HAT in flagged(rules.match(f"“{hate}”"))
    assert Harm.HAT not in flagged(rules.match(f"Hôm qua tôi đọc thấy dòng “{hate}” trên tường nhà bên"))


@pytest.mark.parametrize("around", ["“{}”", '"{}"', "“{} "])
def test_a_report_that_is_quoted_as_a_whole_still_quotes(rules: RuleSet, around: str) -> None:
    report = 'Chị tôi đọc lại: nó viết "kiện hàng bị giữ, nộp 49.000đ phí tại giao-vidu.top.example", rồi xóa luôn.'
    assert Harm.FRD in rules.match("Kiện hàng bị giữ, nộp 49.000đ phí tại giao-vidu.top.example").scores
    assert rules.match(around.format(report)).scores.get(Harm.FRD, BASE) < 0


def test_a_denial_written_in_teencode_is_a_denial(rules: RuleSet) -> None:
    assert Harm.HAT in flagged(rules.match("người đồng tính tởm lợm"))
    assert Harm.HAT not in flagged(rules.match("người đồng tính ko tởm lợm"))


def test_marks_that_vietnamese_does_not_have_hide_no_word(rules: RuleSet) -> None:
    assert Harm.GAM in flagged(rules.match("Nhà cäi uy tín, đäng ký chơi ngäy tại vidu88.example nhän thưởng"))


def _one_rule(tmp_path: Path, state: str) -> RuleSet:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "frd.yml").write_text(
        f"harm: FRD\nrules:\n  - id: frd.test\n    state: {state}\n    weight: 5\n    vi: Thử\n    en: Test\n    match: xin chào\n"
        "    examples: [xin chào]\n    counter_examples: [tạm biệt]\n",
        "utf-8",
    )
    return RuleSet.load(tmp_path)


@pytest.mark.parametrize(("state", "scores", "shadow"), [("live", 1, ()), ("shadow", 0, ("frd.test",)), ("draft", 0, ())])
def test_only_live_rules_score(tmp_path: Path, state: str, scores: int, shadow: tuple[str, ...]) -> None:
    result = _one_rule(tmp_path, state).match("Xin chào cả nhà")
    assert (len(result.scores), result.shadow, len(result.reasons)) == (scores, shadow, scores)


ALPHABET = "aăâđeêoôơuưlừaảocángâàhtpmk 0123456789.:/-🔥\u200b\u0301\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150)
@given(st.one_of(st.text(), st.text(alphabet=ALPHABET), st.lists(st.sampled_from(sorted(HARMFUL.values())), max_size=3).map(" . ".join)))
def test_any_text_gives_spans_inside_itself(rules: RuleSet, text: str) -> None:
    result = rules.match(text)
    for reason in result.reasons:
        assert reason.span is not None
        assert 0 <= reason.span.start < reason.span.end <= len(text)
        assert fold(reason.span.of(text))
    for guard in result.safeguards:
        assert guard.span.end <= len(text)


def test_a_very_long_line_is_read_in_bounded_time(rules: RuleSet) -> None:
    assert rules.match("a" * 5_000_000).scores == {}
    assert Harm.FRD in rules.match(HARMFUL[Harm.FRD] + " x" * 500_000).scores


SCRIPT = "Thẻ của quý khách đã bị khóa, truy cập the-vidu.top.example và nhập mã OTP để mở lại ngay kẻo mất hết tiền"


def test_urging_the_reader_on_is_no_account_of_a_loss(rules: RuleSet) -> None:
    """A safeguard's own `unless`: the script says what the reader stands to lose, the victim what was lost."""
    story = "Thẻ bị khóa, tin nhắn bảo truy cập the-vidu.top.example và nhập mã OTP, mình làm theo rồi mất hết tiền"
    assert Harm.FRD in flagged(rules.match(SCRIPT))
    assert Harm.FRD not in flagged(rules.match(story))


@pytest.mark.parametrize(
    "accusation",
    [
        "Xã tri ân người có công mà bắt nộp phí hồ sơ mới được nhận quà, dân bức xúc",
        "Cán bộ bán giấy khám sức khỏe có dấu đỏ, giao tận nơi cho ai có tiền",
        "Nhân viên điện dọa cắt điện sau 2 giờ, bắt dân chuyển khoản cho nhân viên, tổng đài bận suốt",
        "Lãnh đạo coi dân vùng đó như súc vật",
        "Chủ tịch xã thuê 50 người viết bình luận khen, trả 10k một lượt, nội dung soạn sẵn",
        "Anh em kéo tới trụ sở xã đòi đất, 8h sáng mai cùng đi",
        "Dự án mở bán 50 nền, cam kết tăng gấp đôi mà thu hồi đất không đền bù, gọi 0900 000 111 hỏi thì chối",
    ],
)
def test_accusing_those_in_office_is_no_harm(rules: RuleSet, accusation: str) -> None:
    assert flagged(rules.match(accusation)) == set()
