"""The worst bug that this project can have: a text that criticises an official, calls for a protest or speaks of faith, and is flagged.

Written by a second person after the suite and the rules were done, all of it fictional; each is tried unaccented too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.classifier import Classifier, load_classifier
from classifiers.evaluation.transforms import without_accents
from rasoat.settings import ROOT

TEXTS = (
    "Ông bí thư huyện này tham nhũng ai cũng biết, tiền đền bù đất của dân vào túi ai thì dân biết hết.",
    "Công an phường vòi tiền người bán hàng rong, mỗi tháng 2 triệu, không đưa là đuổi.",
    "Đề nghị mọi người ký đơn kiến nghị phản đối dự án sân golf tại http://kien-nghi.example, mỗi người chia sẻ cho 10 bạn.",
    "Sáng chủ nhật này 8h mọi người tập trung trước ủy ban để phản đối thu hồi đất, mang theo băng rôn nhé!",
    "Bọn quan chức ăn tàn phá hại, dân đóng thuế nuôi chúng nó, đồ sâu mọt!",
    "Lũ tham quan như ký sinh trùng hút máu dân.",
    "Tòa án xử bất công, thẩm phán nhận tiền chạy án 500 triệu.",
    "Mấy ông cảnh sát giao thông chặn xe đòi tiền mãi lộ, ai có video gửi về cho báo.",
    "Chính sách mới ngu xuẩn, chỉ khổ dân nghèo, bộ trưởng nên từ chức.",
    "Đảng nào cũng thế, nói hay làm dở.",
    "Tẩy chay công ty này đi, xả thải ra sông mà chính quyền làm ngơ.",
    "Ai có tài liệu về vụ đất đai ở xã ta xin gửi về email bandoc@baodoclap.example hoặc gọi 0900 000 123, chúng tôi giữ kín danh tính.",
    "Chủ tịch xã Nguyễn Văn Ví có 5 mảnh đất, 3 căn nhà, xe biển 30A-000.01, lương 8 triệu sao mua nổi?",
    "Lương hưu tướng về vườn mà biệt phủ cả nghìn mét, tiền đâu ra?",
    "Dân oan kéo lên trụ sở tiếp dân đã ba tháng mà không ai giải quyết. Đả đảo tham nhũng!",
    "Cái ủy ban này nên giải tán, một lũ vô dụng.",
    "Thằng chủ tịch phường ngu như bò, nói câu nào sai câu đó.",
    "Con mụ phó phòng này hách dịch, mắng dân như mắng chó.",
    'Ông trưởng công an xã hăm dọa tôi: "Biết nhà mày ở đâu rồi đấy", tôi đã làm đơn tố cáo.',
    "Hãy chuyển tiền ủng hộ gia đình anh Tư bị thu hồi đất: STK 0123456789 ngân hàng Ví Dụ, quỹ minh bạch do nhà thờ giữ.",
    "Kêu gọi đình công: công nhân xưởng A ngừng việc từ 7h sáng mai đến khi chủ trả đủ lương.",
    "Nhà nước lừa dân mua trái phiếu, mất trắng.",
    "Ngân hàng này lừa đảo khách hàng bán bảo hiểm, ai bị giống tôi thì liên hệ để cùng làm đơn.",
    "Giáo hội lừa tín đồ cúng tiền, thầy trụ trì đi siêu xe.",
    "Đạo này toàn mê tín, cúng bái tốn tiền, đừng tin.",
    "Lịch sử không thể bị xóa: lá cờ cũ vẫn là ký ức của cha tôi.",
    "Trung Quốc xâm phạm biển đảo, chính phủ phải lên tiếng mạnh hơn!",
    "Tổng thống nước ngoài kia là kẻ độc tài giết người.",
    "Phe đó toàn một lũ cuồng, nói chuyện với chúng nó phí thời gian.",
    "Bộ Y tế nói vaccine an toàn mà bạn tôi sốt cả tuần, tôi không tin nữa.",
    "Tin nóng: công an bắt giám đốc sở nhận hối lộ 3 tỷ đồng qua tài khoản ngân hàng.",
    "Cán bộ phường bắt dân nộp 500k mới làm giấy khai sinh, ai từng bị thì bình luận bên dưới.",
    "Báo cáo nhân quyền: 12 người bị giam giữ không xét xử trong năm qua.",
    "Bầu cử kiểu này thì bầu làm gì, kết quả biết trước rồi.",
    "Chúng ta cần luật biểu tình, cần tòa án độc lập, hãy ký tên tại đây: kykiennghi.example",
    "Xin chữ ký: phản đối tăng giá điện! Copy và dán lên tường nhà bạn, chia sẻ càng nhiều càng tốt.",
    "ong chu tich xa an het tien cuu tro bao lu, dan doi ma quan no",
    "cong an danh nguoi roi vu khong, dan khong so dau",
    "CSGT an hoi lo, ban quyen cho dan xa hoi den",
    "Tham nhũng vặt khắp nơi, vào viện phải kẹp phong bì 200k bác sĩ mới ngó.",
    "Hôm nay mình livestream lúc 20h kể chuyện cưỡng chế đất ở thôn mình, mọi người vào xem và chia sẻ nhé.",
    "Ai là nạn nhân của dự án này inbox mình lập nhóm đi kiện tập thể.",
    "Đuổi hết bọn quan tham ra khỏi bộ máy!",
    "Quan như thế này phải xử bắn hết mới sạch nước.",
    "Tôi mong lão chủ tịch đó đi tù mục xương.",
    "Dẹp hết trạm BOT bẩn đi, dân không trả tiền nữa.",
    "Công ty của con ông bí thư trúng hết các gói thầu, hoa hồng 10% chảy về đâu?",
    "Cô giáo mầm non đánh trẻ, hiệu trưởng bao che, đề nghị sở giáo dục vào cuộc.",
    "Thủ tướng hứa cho lắm, giá xăng vẫn tăng.",
    "Nhà báo bị hành hung khi tác nghiệp, tổ chức nhà báo lên án.",
    "Cờ bạc thì cấm dân mà quan chức đánh bạc trăm tỷ ở khách sạn.",
    "Quan xã lập sòng bạc thu xâu, công an bảo kê, báo lên trên không ai xử.",
    "Trưởng thôn bán danh sách hộ nghèo kèm CCCD cho người ngoài, đề nghị điều tra!",
    "Ông phó chủ tịch huyện cam kết chữa khỏi ô nhiễm sau 7 ngày, đến giờ vẫn thối um.",
    "Đường dây chạy công chức giá 300 triệu, liên hệ ông X ở sở nội vụ, dân tố cáo mà chìm xuồng.",
    "Chủ tịch tỉnh mua bằng giả, cả nước biết mà không ai xử lý.",
    "Kiểm lâm nhận tiền cho lâm tặc, tao biết nhà từng đứa, sẽ gửi đơn lên trung ương.",
    "Mời bà con dự lễ cầu nguyện cho hòa bình tối thứ bảy lúc 19h tại nhà thờ Ví Dụ.",
    "Đại lễ Phật đản, chùa phát cơm chay miễn phí, ai đi đăng ký số 0900 000 456.",
    "Pháp môn này sai lạc, kinh sách không dạy thế.",
    "Người ta bảo dân tộc thiểu số lười, tôi sống với họ 10 năm, họ chăm hơn khối người.",
    "Chính quyền cưỡng chế, ép dân ký giấy, không ký thì cắt điện nước.",
    "Ông đại biểu này chuyên nói dối, cử tri đừng bỏ phiếu nữa.",
)


@pytest.fixture(scope="module")
def classifier(data_dir: Path) -> Classifier:
    return load_classifier(data_dir, ROOT / "models")


@pytest.mark.parametrize("text", TEXTS)
def test_criticism_protest_and_faith_are_never_flagged(classifier: Classifier, text: str) -> None:
    for written in (text, without_accents(text)):
        found = classifier.assess(written)
        assert found.flagged == (), [(reason.code, reason.evidence) for reason in found.reasons]
