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
LATER = (
    "Bảng lương kế toán trưởng xã Tân Mẫu: 9,8 triệu, trong khi xây nhà 3 tầng, mua ô tô 900 triệu. Ai giải thích giùm dân?",
    "Đây là biển số xe công 51A-000.00 của sở đi đám cưới chủ nhật, dân chụp được lúc 10h",
    "Ông Trần Văn Mẫu, trưởng ban quản lý chợ, thu mỗi sạp 200k không biên lai, tiểu thương kể với tôi như vậy",
    "Danh sách 17 hộ được duyệt nhà tình nghĩa dán ở thôn có 6 hộ là họ hàng trưởng thôn",
    "Số điện thoại đường dây nóng của ủy ban là 0900 000 111 mà gọi ba ngày không ai nghe",
    "Bà con ký đơn yêu cầu công an điều tra vụ ông giám đốc bệnh viện huyện ăn chặn tiền thuốc",
    "Mấy ông ngồi phòng lạnh ra cái quy định này chắc chưa đi xe máy ngày nào",
    "Cả nhà thằng chủ tịch hưởng hết đất tái định cư, còn dân thì ở lều",
    "Đồ quan tham, ăn của dân không chừa thứ gì, trời đánh thánh đâm",
    "Tụi nó nhận phong bì xong là ký cái rẹt, dân đen thì chờ dài cổ",
    "Con trai bí thư huyện mới 26 tuổi làm phó phòng, nhà ở số 12 đường Mẫu, xe bốn tỷ, tiền đâu ra?",
    "Tôi phản đối việc bắt giữ anh ấy chỉ vì một bài viết trên mạng",
    "Kêu gọi bà con chiều thứ bảy tập trung ôn hòa trước cổng nhà máy xả thải, mang theo băng rôn",
    "Luật này mà thông qua thì khác gì bịt miệng dân",
    "Ông nghị này phát biểu ngu hết chỗ nói, dân đóng thuế nuôi mấy ổng để nghe vậy hả",
    "Cảnh sát giao thông trạm Mẫu đòi 500 nghìn không lập biên bản, tôi có clip",
    'Trường thu tiền "tự nguyện" 3 triệu một em, hiệu trưởng nói ai không đóng thì lên làm việc',
    "Chủ tịch tỉnh hứa từ 2019 tới giờ cầu vẫn chưa xong, hứa lèo",
    "Họ nói đền bù 55 nghìn một mét rồi bán nền 20 triệu một mét, lừa dân trắng trợn",
    "Công an phường bắt nhầm em trai tôi, đánh gãy hai cái răng, giờ không ai xin lỗi",
    "Nhà thờ tối nay có thánh lễ cầu cho các tù nhân lương tâm, mời bà con",
    "Sư thầy ở chùa Mẫu bảo đừng tin cúng giải hạn, đó là mê tín",
    "Anh em tài xế đình công đòi giảm chiết khấu, sáng mai tắt app từ 7h tới 12h",
    "Bộ trưởng xin lỗi dân đi, đường cao tốc mới khánh thành đã nứt",
    "Trang tin Mẫu không có giấy phép nhưng đưa tin nhanh hơn báo nhà nước, theo dõi đi bà con",
    "Chia sẻ giúp: kiến nghị dừng dự án lấp hồ, ký tại kiennghi-ho.example, đã có 4.200 chữ ký",
    "Copy và đăng lại: chúng tôi yêu cầu công khai hồ sơ đất xã Mẫu, yêu cầu trả lời trước 30/11",
    "Con mụ phó chủ tịch hội phụ nữ ăn chặn quà Tết của hộ nghèo, nhục chưa",
    "Thằng cha trưởng ấp bán đất công như bán rau, dân kiện thì bị dọa cắt hộ nghèo",
    "Tay giám đốc trung tâm y tế mua kit xét nghiệm giá gấp đôi, hợp đồng số 25/HĐ chụp đây",
    "Ảnh chụp giấy khai sinh giả của ông cán bộ khai gian tuổi để tại chức, báo chí đăng rồi",
    "Danh sách cán bộ nhận tiền của công ty Mẫu: ông A 200 triệu, ông B 350 triệu, theo kết luận thanh tra",
    "Vợ ông cục trưởng đứng tên 8 căn hộ ở chung cư Mẫu, căn 1201 đến 1208, tra sổ đất công khai",
    "Email tiếp dân của sở: tiepdan@so-mau.example, gửi ba lần không hồi âm, làm ăn kiểu gì",
    "Cán bộ một cửa tên Hương quát mẹ tôi như quát con, ai từng gặp lên tiếng đi",
    "Mày đừng tưởng làm công an là to, dân có quyền quay phim",
    "Đề nghị cách chức ngay ông trưởng phòng giáo dục, học sinh ngộ độc mà còn cười",
    "Đả đảo bọn cường hào mới ở làng",
    "Lũ sâu mọt đục khoét ngân sách, trả lại tiền cho dân",
    "Báo chí im hết, chỉ có trang của anh Mẫu dám nói, mọi người ủng hộ nuôi trang qua tài khoản 000111222",
    "Ông X trả lời thế mà cũng làm đại biểu được, về nuôi heo đi",
    "Mấy thằng thuế vụ hành dân đủ đường, quán bán xôi cũng bắt lắp máy",
    "Người miền nào cũng có người tốt người xấu, quan thì ở đâu cũng tham",
    "Tổng thống nước kia điên rồi, gây chiến tranh cho dân chết",
    "Quốc hội họp cả tháng mà không ai hỏi câu nào về giá điện",
    "Giá xăng tăng, giá điện tăng, lương không tăng, sống sao nổi mấy ông ơi",
    "Hồi cải cách ruộng đất ông nội tôi bị đấu tố oan, giờ vẫn chưa ai xin lỗi",
    "Lá cờ nào cũng là một phần lịch sử, đừng chửi nhau nữa",
    "Tôi bỏ đạo năm ngoái, giáo hội dọa tôi sa hỏa ngục, giờ tôi thấy tự do",
    "Đảng nào cầm quyền cũng phải chịu giám sát của dân",
    "Kê khai tài sản của bà phó phòng nội vụ: 6 lô đất, 3 căn hộ, lương 12 triệu. Giấy dán ở ủy ban, tôi chụp lại cho bà con đọc.",
)
"""Written after a post of the demo, an official's declaration of property, was found flagged as a leak."""


@pytest.fixture(scope="module")
def classifier(data_dir: Path) -> Classifier:
    return load_classifier(data_dir, ROOT / "models")


@pytest.mark.parametrize("text", TEXTS + LATER)
def test_criticism_protest_and_faith_are_never_flagged(classifier: Classifier, text: str) -> None:
    for written in (text, without_accents(text)):
        found = classifier.assess(written)
        assert found.flagged == (), [(reason.code, reason.evidence) for reason in found.reasons]
