"""The syllables of Vietnamese as they are written, commonest first: what tells a distorted word from a real one.

Counted in Vietnamese Wikipedia (CC BY-SA 4.0, 7,862 articles), kept where the spelling follows the rules of the script and stands twice.
Made once by a script; a list of words, no text. Knows no rule and no harm.
"""

from __future__ import annotations

from typing import Final

BY_FREQUENCY: Final = """
và của là các một có được trong năm người với thành quốc đã cho những từ ở chính không vào nam công tháng tại này sự số đến khi nhà như
trung đầu dân về thể ra quân nước gia đó để sau thế học trên nhất đại ngày việt nhiều thời bị theo cũng hội ông đồng liên pháp bộ quan
chiến động hiện lại kỳ bản sử do phát nhân chủ anh định việc thống khác chỉ làm giáo lập tế hành giới văn quyền hai lớn cao cách tiếng
viên tây độ hơn còn hình dụng kết cuộc lý hoa trường kinh bắc tự đông thứ sinh giải họ phần địa xuất sản trị châu bằng hệ mỹ thuộc hợp
lượng thông khu phố tính nhưng chức thực tổng cơ tiên phải hóa thường the nguyên cộng cùng cả vị đường loại lực đối tên trước minh đội
hàng vùng điều trở xã nó con tranh hay gọi thủ phía mà bình tỉnh gồm phủ thị ngoài đất qua tiếp nhận tới phương cầu ban rằng hòa tham
trình vì nghĩa đạo nhật tạo thức tổ lịch sĩ thì hoàng đức vụ nghiệp cấp nhiên tư vực triển mới đây hoặc toàn sẽ tác vật khoảng lên phân
bắt mặt điểm hà chế nội đảo thái giữa truyền ba bảo viện nay bởi trận đặc diễn đi ý đánh trọng lần bao điện đề sách bóng rất dùng biệt đổi
tăng nên cổ kỷ đá nhạc máy năng tiến âm tử lãnh tài tiền thuật ngữ tập tuy tâm đô tích thiết chất ảnh danh giá vương thanh dịch an nhau
vẫn hải chúng sông mình gian triều hiệu phong đảng giao đế tộc luật nguyễn tin cuối tương dương tiêu chuyển thay đoàn nghệ nói dưới nữ
biển hiệp vua sống đình yếu nơi sở huyện thương biến đấu cử triệu diện âu thêm hoạt phẩm tình hồ trưởng gần miền bên chiếm khí bang ứng
thu lưu a quyết đều kế xem phòng thiên nhóm sơn dự rộng phục nổi nghị nhập lệ dài tướng vũ nền trang báo hậu bố dựng xây kiến đang viết
đơn kim dẫn trí bán nằm di dù thổ khảo vận nhiệm thần chương đặt biểu tiểu độc bỏ nguồn bất quy la chung thấy chí đời liệu quả vô cư cứu
ngôn thích đa chữ mạnh khoa ta thắng ngoại tục phi hoàn mục cung mùa thi mở phụ nhỏ mang lan nào ký tấn chống hưởng thư bay mỗi ca quá
mạng lợi đưa phổ tôn hạ tỷ sát chia sáng long bầu in giữ biết tất quản du dạng mã tàu ấn trợ niên đạt lục án cần dục vấn hộ tuyên nha binh
sân từng tinh khai phản kể hướng biên đoạn kiện duy tượng đồ ước hữu cái phim bài chú hạn núi vệ lúc trực nông lễ ty đóng lạc mặc sang
nghiên á trần tay hồi thân vậy thập ít phép thuyết cá huy chi tuổi so xe thủy gây mất nếu tìm đài hầu màu câu địch hán vàng phạm vòng giảm
giả sắc hết bà quần ghi lê quảng xác hạt riêng cảnh mức vi ninh giai tân nga giang tưởng khẩu quận mô chuẩn tố cải ăn loài bàn phá giờ
khách tuyến gốc bệnh chưa thuận sức vai đứng lấy trò kiểm yêu nhiệt bại đào hạng cố giành thượng thất y giúp ngành giống chứng ủy môn chết
hiến áp kỹ tông khả khỏi chuyên mại chọn xô phóng hồng mọi chấp nhằm quang khiến dụ sư dòng lộ lĩnh tín tức cây trẻ ngôi cực phú tịch luận
lệnh chơi xếp phiên thấp doanh lâm tuyển coi de tốt trúc trái tồn cập hát song yên ngân chiếc vài dựa thúc i lớp áo nhanh chúa cửa lời cảm
lao ngay dung đáng muốn tòa em điển trấn thánh nữa lương xuyên giáp cấu phái cứ đốc chịu chạy lâu cô chân bảng to tôi xuống sa ví trạng
hoạch cáo no trì sao giám đủ mẫu tả thơ nối kích xa chu khởi ủng quý cạnh soát niệm thiếu tốc ai làng tối rồi tầng hoá ương càng dần bờ
tiết chiều xử kéo buộc đôi cai cụ trưng thờ đổ rõ hỗ hy nghiệm phúc phật gặp trao vốn khối vĩnh thao lược sắt trào tái lửa trai đương phó
hưng cũ tra thừa dành xuân xứ ngô đỏ toán trời mẹ dấu kiểu quanh mua trụ dầu đàn linh trách sóng tuần hàn cha xâm bốn phiếu trả thoại tam
vượt xung mật ánh lai bổ môi cảng mối hương khó luôn khá suy bạc thụy xảy cận rút giấy lạp chứa sứ cường rừng luyện nghi ngọc băng đảm da
mông hôn xét họa phận suất trừ góp căn mạc nặng tỉ hại cánh tách phí kháng gì sâu quay suốt nhìn trắng kê thiện tội đích thuế đột dễ lá
sai khúc gái lòng trương cục tạp khánh đăng phù ngắn tước đẳng thác phường mạch phán nhờ tệ tần đầy thạch bước phối bức tống diệt đọc khắc
giết e thảo bí tiện hiểm kính cầm ả vừa rập mắt hùng loạn ổn dữ khoản chóng khắp nạn bạn nghề bãi thưởng liệt đà san trữ đen vọng phê ô
cấm chùa bồ đẩy tắc cát đỉnh ly mưa hoà tùy kịch kiếm nắm tô chinh tứ vân lượt chiếu đem sơ loạt chảy mềm võ thuốc pháo cờ mỏ hiểu thôn
giản bá huấn loan ma thăng cắt ấy tải khủng hỏi vạn vinh tầm trải chủng đền cuốn bắn chỉnh bậc nửa thẩm bác thí ngăn quán liền trồng úc tu
chẳng u ưu on soạn o cương kẻ ngũ thiệu thuyền thịnh hãng ngược tan thật uy họp nâng nổ siêu vịnh xanh súng truy cựu lính kỉ phạt dãy nhĩ
gửi vợ nô lẫn chuyến nghiêm nhớ chuyện thụ đêm nỗ xạ tri nhánh đĩa by bánh nuôi thua trăm hàm buôn gắn chấm tàn buổi sớm nhu chỗ viễn đẹp
đan vĩ lào màn mai biện tán bào đúng nguy cứng món thậm dọc xu sáu ích nóng khăn hủy vợt mộ tường thiểu trùng giác xúc kênh sửa dậy dạy gỗ
rời trú vườn sài hè hơi nghèo bến cam cúp hút truyện mười thọ thẳng tránh trịnh ẩm nhiễm xưa thỏa lưới luân tắt thăm khoáng tàng mưu đo
trích liêu quỹ bề giàu hấp xương na bạch gió bày đàm dâm chăm bom tờ kia khổng phe điền gòn sẵn đoạt mệnh ngang đai kì lẽ triết dứt tháp
hòn thịt hạm đới thử tuyệt tận nghe lựa bật trục kém khóa tỏ bạo can lối bách đua chợ khái thú lăng phan đòi phức thù hoảng ràng tai khổ
thoát phút lam lạnh thiệt tụ cà sung rã rơi trà tù đáp dư xin dây giảng khiển khô cân tạm lo mét rãi đoán sóc ngầm chép mẽ bảy quê đỗ vong
ha trăng miễn hoài nho xưng miêu tạng ngàn cãi đồn hiếm rượu sáp quyển dưỡng tảng chồng thai lúa ga chặn huế mãn đệ đôn lỗi hài thước vây
máu lộc nhẹ ngựa chối pha ngụy chim chắc nghìn khuyến kiên ranh dinh hoang ven huyền gắng chặt canh sụp đồi lang sắp đuổi trạm khích nét
trại trống ống com chứ khỏe hỗn ném lạm uống cửu đỡ vẽ nguyện bát thảm điệu góc tĩnh hiển than đe cỏ lành lui nghĩ muối đinh cháu vững
thiệp khẳng duyên ngờ men cột tám bột phước đạn côn mực khám lỗ bão tấm dặm trầm tổn tròn ung gấp thám nghỉ dao mong đúc hỏa dị co mê may
ghế sợ cướp kêu bò ngừng ái ngưỡng ngại chạm nợ bé đốt lũng khôi sánh su tặng vỡ dàng tá kèm chậm nhắc khán thép cán chín bia dọa mời
nhượng khuôn hang bùng đậu đợt rối nhấn vẻ ám vượng nhảy lò nẵng nhuận cốt gạo cản chữa hằng giọng vuông vỏ kiều hào cặp đập khấu lỵ tuân
cháy ruộng lão niềm thoái chấn tuyết huệ tùng đón thung mậu hẹp già chắn thuê duyệt thuần hiếu cụm thầy dời trộn nhì ôn mũi lật diệm cơn
xá lữ túc bỉ lỏng tật thuẫn kho non bấy mái mi ác chánh uỷ nhị mãi đói vay cống thải che đám hãn lân hô củng tết dũng dày ngã phu kiệt hối
ân bền tim vui cú tiềm chiêu ngọn cự điệp mộc man lạt săn hạnh bối huỳnh ép cất xích lưỡng thuỷ làn rắn gốm khung đặng trạch vở khoán lọc
chư hôm lẻ toà kỵ căng bồi ngự sàng von cậu nhũng thẻ mòn đau lãng chở khải cổng trinh ẩn ngập sẻ thang thục dược giáng dã gián đứa hổ mao
sợi nêu phỏng kẽm hầm cài quen trốn rau nấu hứng tia thả khuyết chuỗi xấu dàn dõi dải cưới lôi séc chăn chiết mát tràng ngồi quỳnh chèo
vết giam tào dệt mâu bút thâm hồn láng chẽ gói hề hảo mì dịp đê cỡ mường hung thợ ngọt tọa van dừng chị suối hứa nhi lầm xỉ đạp eo xóa xi
chiêm bội tuấn đèn miếu hẳn bông nai leo tre ưa vải ổ răng cẩm chụp huyết diệu đắc cáp quát bi phẳng lồ lái dò phụng đẻ nề trông trứng hi
hoan chút đáo bè treo đáy trật tung tú tề tóc tháo tráng sàn rẽ mắc mấy rạch lụa sót phế lệch quặng sưu cúng thiền kĩ lợn khuynh dáng tràn
ngư khoai thỉnh lư le dâng lông xít va duệ nhiếp mèo bèn huân kín múa chục bái xưởng khiết thôi mươi bớt đầm sút sạch vang trừng bây ấm
mảng pa bành lạng lô mây gà thách hư mảnh mượn vành nhịp lọt chờ khứ nấm xướng rồng khía ghép lãi dẹp ấp nhơn bùi ni dốc trâu sạn kiêm tốn
sữa sốt lõi giây khang chì sổ nộp chó thận bính buýt lắp xứng đâu mau mạn triệt dường vũng nhậm ti kiềm súc mầm tang đậm trượt gò giỏi bê
chuyền hạch mơ bàng đợi hoại cốc xong gạch voi nỗi kịp ảo chìm nhãn xấp lưng bọc túy pin thô tỏa hụt mặn lạ lãm bưu bù sùng liêm điêu
miệng thạnh ray tuệ tựa đoan ngợi khẩn hiền khê nâu mỏng ốc đựng sen tựu vé chốt mùi mắm nở mừng phồn tị đàng giềng cạn vu nhôm nảy chào
mốc úy lũy trúng nung móc sét phượng lũ đãi măng chôn lắng chừng đắp tơ síp nguyệt mọc nhường tươi tho vôi móng mù gỡ tạ viêm rổ giận phun
xiêm khoan chuột phẫu xoay tiễn mạo cừu hộp sườn buồn nhầm phùng thiểm tiêm quét đằng gìn miến hắc lấn li thoảng màng nồng dội trãi bụi
lụt my lường mỡ bọn hâm ngài nôm gương ro rác chày phấn gọn ngai hãy bơi mũ khơi ngộ tôm nhựa hoãn rệt rạp cơm rẻ bốc gũi đứt nắng kép nạp
khuyên day chay châm rào me khuẩn hưu đấy khe sôi nhiễu ngãi phiệt hãm si hoạn quế đệm tha củ vẹn gợi cưỡng sin vạch bồn cẩn đéc ngạc khử
đuôi cậy dĩ nghịch dính rải bóc ngưng thiếc tụng huống bún diên thơm tóm cối xen rủi trướng kiệm hoạ viếng bó trân dắt nghiêng cồn hỏng
phiến quên ngụ ki trù mờ thổi mạ nòng vần lặp ruột xí ơn não bo ngủ nhã lấp am đống đeo chàng chua dạ uyên vắng vú khói lầy thoả quật hẹn
lưỡi xoáy vựng khanh mĩ rửa nhạy gậy chuộng ngạn khống ngột khâm thạc chúc cong nhiêu tịnh tẩy đoái nút bích ngừa tiệp nếp lồng muộn đắt
ngẫu cúc gánh giặc liễu vươn en mân thùng nhạt tản lùi chan ngà khan nén nhắm hái ngón dâu nương trọn ngon don bổng tà ớt miếng nướng cười
trùm tồi bữa chè heo đòn táo phả khương xám au hố khiêu khát soái tắm lừa lã trôi bạt giấu chẩn gai thiêng rịa quà lắm ngõ ê túi ngòi tể
ham táng ngói trọt khớp nhẫn tặc sương nát thúy khen chênh nhan cắm giường đực gấu quỷ bụng rạn buồng oai hoành go luyến bể quyến trội khố
quãng nhược giãn dừa be ram đính tiệc phổi cày tạc say bộc nhuộm loa chuối xói luồng cù huỷ đun đạc phạn ngạch rang lây ức gãy son miên kề
thuỵ hốt tum giày tím phơi giếng mẻ chả ván chuông dám nàng khuất đày phác phím mãnh ấu khiêm thở hiếp mác vòm thắt rễ thấu thệ lộn ho yến
diêm ghét giêng mắn gieo xôi lội xóm tom xà pho tuỳ sam đèo thềm thự hao lát chảo phở khâu lặng mài vách bếp nốt gác tát đụng chém mộng
tiếc thính thói ướt đẫm buồm sừng rực uốn truất quái vời càn gan quách cốm neo khiếu bế báu pi sụt nhục ngực bin nghiệt nham ben khuê rỡ
lị ngặt miện lùn xăng ao nhọn hoằng sắm tấu rể giã kha ngu khoá dập bùn cõi dai tuyền dẻo biền phôi tảo bệ chéo kiếp nghiện dịu cừ đổng
khoẻ phà đục nàn yết đâm khuếch thưa rìa nhung nại ráp são tuồng cớ rùa oanh thấm khoát lầu chen gắt cuộn khéo vội phiêu lánh gay đếm trắc
nhắn dỡ rèn gán mạt tê bám ngục trệ trộm đam lậu váy lặn vòi sun tày mỏi sầm đấng diễu rắc nứt giấc cay quyên dồi nồi nhai đán hận ru đạm
vọt ngủi kẹo kẽ cóc len thiếp cấy cưỡi bắp gởi chạp lứa lột chiên khinh ken mìn xuôi nhuệ niêm vãn kiêu kị rét hoán bận ghen rụng mùng
rước mồi liều dồn đắm ngâm đốn giê chàm keo gộp mẫn thoi dào cu thề hong lựu mồ thiêu dê râu chén thoải ngoặt khóc đừng doi xay gối trỗi
biếm cọc tưới hoả thuở viền mến hủ trừu diệp thuột đọng dọn bì ngơi đắn béo nhưỡng trễ phiền hước dật phì mệt khốc chùm trác chọc khoác
thâu quỳ re khiếp xách then rãnh nhâm sâm oa hen nón khoái tòng quạt giật khôn túng cọ cành thê uất vịt ong thới yểm chuộc nới sáo sào
thầu un sảnh đặn bướm hãi thóc xảo cắp rung im nóc út doãn sốc phàn banh bơm rỗi chưng hới óc manh khế ốm trũng lừng tỵ cỗ gươm mít muôn
nghiền nguội mía mồng quấy nặc trưa gam ngưu luộc bìa khoang chán đè thạo điếu cuồng rai doạ sỏi chai cằn lăn ri bổn xoắn nan lu hò thùy
nghênh kiêng thủng sá dấy giọt tụt chà ưng uyển tem điên tao đả dậu hạo gioan úp xông lượm đao tủa bướu toản uông đũa cua chước gõ hạc dại
rỗng khỉ rô nùng sọ bửu nện khiếm phông sò ướp nhàng rỉ bưởi lùng tro kình nhũ dưa nhúng ất lót thặng trơn ngọ dối chướng ngắm mịn gạt hợi
gang lắc tiệm căm xoá qui soi loãng nhàn duẩn mổ đành xẻ bôi hột bẫy bọ cồ sán nang gả rộ sanh bồng se lộng ngoạn lặc giò hựu lung phiện
khép trượng vóc que lạch xào tăm giục à rậm sủng sỹ điếm khao trơ ơ xinh vụn lề trán lận toa đu cởi ải lều ngoan kìm cám liêng chanh ngắt
lon chưởng lở hở cảo kẹp thoa mập lợp nhô bong ủ chớp gióng cau sập hắn ngả rơm hiên bóp dan sấm xê rộn lanh bón dực ạt dán rẫy sấu bạ lẻo
tuất bầy rặng giòn xơ mút lốc xáo trầu huynh chuồng tý xả dạo phô lẫy xát cháo buông chui ư mép guy chìa léo thốn bẩn chẵn thìn máng ồ rò
kèn lỡ bẩm múi ôm ách dong nã tỏi tẩm kè den rưỡi điềm xé gặt ôi rong đớn hách ồn phách côi xua xoài đản sầu đùa sọc ten mun sồi khoảnh dở
rìu ròng xoa lít đố thỏ húc đuối lăm nhí náo nụ vấp bô cò thớt thoáng thau sửu diễm chót he han gôn sói nôi quấn hệt má nem duật trứ đắng
rũ ngươi răn hươu sắn gỉ nhuyễn củi tẻ toan thiều rốt khắt om vạt ve lay võng khơ líu phao vãng bọt mâm giỗ gi thuyên búa tì cẩu lách vạc
gầm chốn rạng tằm lượn rán kem chậu oán vẹt giàn nin mướn hăng né phò hân cồng te thầm áng liềm khốn ghé toả vò nến run tua mỗ mo điểu sim
uẩn xì nộ bần nà khiên đái nản đúp quầy bỗng dỗ mỳ tía thốt thêu diêu hổng lơ chầu phẫn diều bừa quất khước hèn súp sẫm phất lướt báng bon
nhặt vả bẻ rao tửu nhồi át í hẻm chăng roi ia hí toại cắn sô lim thối vác trèo ơi vượn chổi vớt mễ rạc rợ chọi họng đuống dĩnh gom hôi
hông niệu toạ vỗ chê chặng noi ren ruồi lõm lén chài phốt mu riềng nắp ny tẩu min chin lờ sộ bơ giồng cước mú tỉa hoi kíp choàng thắp
thuấn tỳ chiểu khảm dang miệt bỏng nhữ bỉnh góa câm cụt tủ hít huyệt sạc hanh sum ỏi bùa vã nguỵ mày oan nộn tí chật nạ vét tâu ne vàm
chiêng nạo dầm chiền xốp muỗi chích dữu chóc cói lọ còi mứt ghê kẹt cưa đốm nê mão phỉ búp bẹp êm suýt nhở dặn vắt lồi tuý gân tốp trẫm
nghiêu vắc uế dẫu ào vỉa nậm đò lau viêng nhào vất trát sòng nỏ ráo uý đấm yếm cuống đĩnh gun cộ lửng nhổn độn hỷ đẩu ỷ phai nứa hòm gianh
dạt nhớt bênh sành mống giàng tiếu vứt húng ngỏ ếch bã sải đãng bịt hấn rom rằm ron hãnh thằng rơ chói đậy thỏi via kiệu tràm vá hũ gừng
sưởi dép gờ cọp sỉ cúm xót trăn rót bén quai dì cỏi ngừ tiễu tánh hun bực rớt rêu ù phúng xo mò vung ngấm bu găng rê phệ phanh ngao chang
băm vướng nhộn dứa vuốt ngoặc phèn chử hống thán vùi thắc ngậm tớ chóp dẳng bấm đước trảng xúi mè giỏ gao quệ giặt dãi mương húy kệ triền
rách nỉ xèo nách tuông méo pô lụy vâng ngan vữa chèn hốc seo sấy rông hinh kham huyên dy khuông hon thoạt xộn chắt mon hóc dơi trĩ chao
quýt trá nhát ngây vế ngo chằng ụ lằn lạy nguyền boong thiêm vy sái báp thừng ngạo gót tủy khuấy xăm nêm dìu mãng búi sếp náu hẻo quyện
phàm nhọc lười dà khăng xao cạo đơ kèo mỉ rủ cuội tấp trổ đát triện lôn đuốc thố nôn trâm phồng khoe phia sặc giông dông ngào ngửa cội
vừng hùm gầy ngung thọc nộm sê bàu nành chệch nể mênh trói tụy nần phớt thà thảy nghê vặt chớ chứt lóng bú cẳng liu vờ gục úng vồng sớ
chắp rầm tiều xy chòm cấn trêu tiếm nhấp gã nhoáng xuồng lẩu nhuế giun mốt thằn vảy kền bai thèm thẳm luông gấm tòi mẩu cúi trỏ nu tộ đùi
liễn khất quýnh sướng quỵ cổn nghẽn dạn giễu trút hòng nhức lí cặn nghiễm thắm giằng nhạn noãn ngơ ngoái lự tít nhện ngần chiềng hoắc
khuya rum phiếm dát lún nom bói mả reo vo yểu khóm ky xước mào hét din dè nhổ giơ giấm kềnh cuốc nhứt gỏi bới chồi tễ niết yêm sưng vơ
soán ang khỏa trau ran mắng nuốt bôn cạp gặm nọ sỡ rà lậy nhốt chét nhịn nghé dẻ choang luỹ sỏ bụt xỉn phình cưng thẫm miu cược guốc nạc
khét chòi thắn cộc sẩy giáy láy choi sít ủi tuế ngó hỉ văng cùi tàm chải hạp cỗi xâu phẩy him sảng tột trọ them chát bẩy ghềnh vắn phết
mỏm hăm chửi giầy gio thẹn nặn ngạt ke bở gọt gớm hễ vía nập thụt gập rúp dận tệp mận tò muội gin đay rảnh súy duyện mí sãi xiển lụi trặc
ăng đụn đoản nếm ghề nhẵn sến tép rốn hòe dom khít ganh lẩn dó gáy múc tấc nịnh nhái dăm xiên chồn siết khay ngõa gu moi thét thản thát
lóc ẩu vẩy tơi gồ chần choáng dẹt hến giẻ chông quáng bời đĩ cạc há ó vỹ lẽo ngẫm bung nhạo mồm nhầy chịt nòi toát dĩa nghè kiền khoét
sửng đoài giẽ nơ nghén hấu ngỗng lút dưng chợt khấn xuyến ốp dốt ui vặn lúng ầm nhẹn đút ghe lốp hộc găm dùi tun sậy oe đẽo lèo bít hé nấp
dấm lố sui ươm mấu vôn ưởng ngải hiềm quẩy xang cang lin nháy dặt lìa nhuần quăng bun chơ luồn hẹ xíu ngất xài đờn cườm bớ lừ khản thuỳ
bục xôn nầy hất bấp sủa giương ùn vàn nhụy mẹo cầy én ngái dũ dặc bứt gô rủa dấn um óng ngọa nhấm mủ nghẹt háo trụi voa kén nọc lẫm véc
xoan truật cót nậu triêng tru tong giẫm xế sảo héc giăng nài xiết xù đọ gui mích lài váng dơ thúng khuỷu mán giời vút phin bèo gien dẫm
bân tởm bừng thiến mải hót rọi nhé thoán nhòm hiệt sấp som mụ quẻ nhấc phộng khoanh thòi ắt thốc cham hịch thìa gọng lênh tiệt mỉa vạ lác
trọc ngốc xén loét nhương ập suôn bịa dậm quạ nắn lườn gảy cữu chuốt nuối xiếc mầu thon ỉ biếu vụng năn rim lợ cào toe trám mùn dền táp
muống chỏm luy xoang rạ đẽ tròng rươi nhét đênh tray yển rụi tau két mượt phích xéo nhão đọa gợn hoản hu chếch tuột bả vè khuy đạ rí tót
ngửi cật thong gài vông hỡi chấu xẩm hằn điếc teo xở nháp siêng meng têm mị trớ sủi ố ối chập chum bưng núp đóa sình chái thếp nhám tằng
nhại hui nẫm dam goa gạc oánh sục diệc ngỡ hê ay muồi tanh chơn lức chững cút trầy nhử thuý lạn xịt xỉa đần guồng biếc việp lủ sám tạt
voọc chượp ngời khuyển thây cheng trảm chận rốc biếng ngán trấu phung xức nhăn vằn dế vót loát mé tành kiết nhọ dấp dem muỗng rình gành
mịt nẹp thửa hua lươn khứu cũi oi xui vơi nãi mó cợt núm tè loi khoách nhàm gào sờ gièm lọi nấc luống hói xắt mọt nhút nhả nhằng nhím riết
xúy rầy rèm trồi lốt mửa gùi vanh sú heng xòe vẫy dí thớ bẽ ché nạt măm đẫy vát lạo ton sìn toái bươu kin boa thy túp ná tuốc vầng hâu
ngạnh ròi eng ua trạc tuẫn duỗi gắp băn khoăn ngách vựa diềm trụy quây ngẩn mớ xốt tróc vênh ghẻ nong thình chò chiếng hõm ráng nhún khư
siu sính nhủ kí hác rây xẻo mia ngùi hòi lùm sả diếp lèn thoai rái ngò chun ắc thiển giéc nhờn mom rì thuôn mõm vớ dến nưa ruốc gắm sụn
rục phụt ứ lình nấy chốc chình hàu khem nhựt hú lia ì thom típ lẻn rú sẹo mỵ sặt vệt hớn dộ chừ huề sần sạt giở rưới sệt háng mành thồ
chôm sởi thinh muông chuôi ươi ghim thui bậy kheo xán chít xỏ pà tráp chem khèn cui rền lem đanh ngoa tâng nấng cáng sà xắc chạ ngổn khoả
bốt vó chíp nghinh thài đùng cheo dãn vê trệt nheo hớt râm bấc nhang ngớ cáu bêu chong thin ế thẻn nhụ ngông thổng ria bua nức nhòa chãi
suyễn hoóc quyệt ường nao rành nanh thỉu lọng giong cơi lảng lãn quao giuộc thít mánh nua sạp tuộc trạo iu nhú té ắp riêu sên tủi ngoằn lẹ
ổi tuỷ vun niu nực phay hức mụn mỉm rồ chừa rệu veng nỡ gượng bịp trìu chạn khăm soài mịch cữ oát bầm vại ngỗi nhóc đượm chĩa vít vén dìm
oải héo gàng cửi vái nhiện tếch xối ảm quẩn tưng giũa gáo răm nhen bẹ rát sứa ngứa hờn vom phen trư nhằn ngàng hin xoăn tầu nhõm tó giu
rui nia tran mọn lì sảy hả vẩn vồ nhảm sưa ngươn ngát dượng tợn đên nhim lép khêu tuýp miễu tuỵ dột chuốc mõ chác xổ ngấu phảng rốm ngầu
dòm hời gờm nhác đọi xoong chẻ tã lù goá gội chằm quở dòn dái chùng nhãng rin mui noam gù sững nín xáp quặc búng cọng nạm vánh hoen bợ bờm
trôm bỉm rườm kháo quặt trợn phên gâm phiêng nghêu leng hoè trập bặc tét đười rượt quẫn bim cựa teng nhành lõng quí vụt bện roe lả suông
vối xới đăm chửa giát chùy mèn vưu triêu bam ây sắng nhuốm lóe nhoi gôm tráo xiềng cưu mam thò sển mền rá ĩ nhối bòn hường gật chỏ trờ
phùn qúy mọng nhừ rầu nẻ nghiến nái dượt noong chội chuồn phún ngoã nhặn ngót thàng nguôi ngàm khàn dằn mướp bụa liệp nhỉ xóc tró dia khun
coe doe nhỉnh vỉ hiu chạc ờ lúp nhậu phễu quàng bống hờ bịch kiểng hẫng ừ gié ngậy xỉu lềnh xường đong bẹt nõn ngoèo phơ diểu tắn đác cùa
gở nồm gút dỏm nhọt rệp trệch nhơ dôi khờ gong nhài nen kềm vỏn ngớt sảm tùm đễ phơn ngật khiêng cáy tiển truyến cóng hóm ăm hóng beo bạng
nhỡ nhép lơi é ngăm dõng sứt nột nải bơn hổi khóe sùi phum kẻo xẻng lòi trôn thùa ốt cum kìa xuẩn lới thuy gon hử dô hom khom tĩu chửu
nhòe lỳ lải quắc tuốt nết pham đon dầy hám cõng huyễn rua quèn biều dáu mim tèo thết loé viềng liếp sy rống hoe dèm thủa lụn bướng tắp ré
bổi rương lóa cóp lỏi nghĩnh lốn tui nhăm trót xia đờ xín cuông đia mội khoắn khùng chẹt cắc sếu quết giạ nẩy nhiêm đẫn mòng chèm đòng mòi
xúp quàn treng liệm tồng hùa vạng ghẹo đúm suý nép trẩy vức buột trê vờn ngoãn cộm mố khum chụi toi sác bắng ngợp điêng đư phìn vin gạn
loẹt gấc ghè rọc gộc cun sã doan phui nhá huýt đoòng ạch deng còng hỉnh lịnh chũm lơn rợn gáp hích dằng ruồng bường nít nữu buy chùi khua
cằm chõ dũa lởm chởm mần mướt mơn đểu è đưng bâng ngổ nhăng chá dạm thoắt huê khong lùa liếng ẵm thun ngợm sạ giếm lắt chạng nướu quậy
khoi gầu tuôn kiếng ngáng lặt khẽ thia gôi chớm xiêng què goi try tren hĩnh giòng giảo phào vuột nui rám líp giòi bửa dác ược rết chõng
thướt nhùn nhè thõng thụng suồng liễm moe coen nhông vên dọi vược chửng soóc đảnh trụng loang riệp gổ kiềng chột rem mẩn tạnh inh lọn gụ
thược giăm chụm đỗi lết uân vồn mún húp ngút hắt đằm ngước lịm điến trọi đãn vẹo lủng nục đóm dười ới rữa rít réo núng tẫn nẻo rưởi đin
ngưới tược xuý thót thím nệ seng thóa quằn lòe trử dề đân quẹt xúm vãi tời rôn trẻo sù lòa chủy ruy tréo xiêu dua phớ gàu rợp keng thiu
chù rộc bương táy điệt đuông luyên gẫm moan dum dau thạp khuây truyển túm thơi chiu ín víu tron úa ló nim ruổi khoàng truỵ dánh kên bứa
đom niện sạm nhem nịt khuân hế nhảnh veo moóc dươi viển hững khảnh róc ứa nớt bềnh choe dáy mề khuâng trườn nhộng nạng rắm cạm đọan chũ
táu rụt xuể ói hặc rẩy hau nhậy vón nghếch dẫy dơn rảo chổ thồng miết kệch huý giậu ngòn dim sí chộp xẹp coong gằn nhiệp tưa sậm dé phy mỷ
phăng pá hợt khau cụp hơ nâm hão chường chuyết hủi triểu nãy xợi gột ú rè chùn bìm buốt ùa xuyết sượt nhum thênh lán phướn rén lếu vích
xùm trảo nốc gẩy quẹo quải rinh gạ chọe vục quạnh sụ bặt nhỡn dứng ngùng ngẩng khùa láo kỉnh quynh nhửng vấy kếp choán kếch nghẹn thổn đốp
đoa nhụt luẩn hum ắng hia lấm quẳng khắn thăn ghém bót ngoai rỗ ượng toang bím giũ bịnh ém thừ siêm thòng diếm ngọng cùn rận ghìm chúi náy
nhắt giãi đơm ngâu khuốc rĩ chòe nhợt thãi rắt oản lâng chóe mẫm đềm quỵt rộp bét loay hoay nhúc nhíp vầy vẻn dửng cấc xép chẩm ráy rùng
xam thào lé rờ lèng phạ ạ ghẹ hùn mói bẹn trối sền oái rưng nhót chau chon thỉ meo khoải nháo xuýt huyến nệm hủa thoan nghệp nạy ngoảnh
lủi nghiễn rù ní sũ bui quăn lụng thé lẳng rên xó xum nụy gừ giắt nhắng hẩu giỡn trản choai đoá rão giầu duân vầu luýt ự nun bặm nãng sây
lổ hiêu bợm trim rạo xược đẵn béc thẩy nhếch cộp dất khiễng dồ triểm lom bằm tuyện đưới sàm uê kiển mẹt khứa mổi bẩu lốm lú vảo ỳ lẩy
ngườm quệt xơi hoét gồng bự hởi bẳng gẫy kháp vự thuộm thày xuê rường xuy trề lử êu ị ã xém ngụm lum trùy đùn gẫu mơi phũ dộc chuần phầm
vãnh níu bễ khò trẽn ngượng tằn dử rắp vường gion tiểng quánh hớp chạch xoè xon vằng thưng phủng ngấn uể trui bòng rọ ớn ẻo huổi ngừm bãy
nẫu ngáp ngáy ngạ trét moong hên xắn giạt cuồn sêu guột xốc chồm trấp nỷ phèo quành loe ổng xửng nả tré ngỗ bết nười ngồn quộc leó niệp
mót xụp dôn bum nẳm láu cụng nặm khập loã nhiếm phẩn chể mế ỉm ròn chêm ỹ rày uây tắng thóp oóc dồng suê gơ lững phư ngốn bẵng nhin xấc
ngù quặp chấy chờn trớn nhích giót tỏng ngóc thảnh phỉnh nống trẹm sại miều xuông đớp thó gioi nhiếc xạc qué uya uôn ươn gịa ghiếc doạn
chầm trắm trủng dắc doang rón thoang chẹn gằng bạnh nư roóng trũ ngặc dủ goòng vạm lếch nhẫm rúng rích nhuốc bủn thẹo hực quắt xẹt phảm
thía chẹng quại mớn liến ười phăn choong chổm sọt gau cháng tẻn thiềm ké hiễn dờn chểnh thỗ ngấy bõ vỵ khạo đùm reng thè khạc lét thũng
nguyến xú khủy bíp mỡi num vểnh cõ nhệch ớ nghễ đượng cùm ngõng liềng xệ bươn pả rèng tóng ruỗi díp thá tiệu niêu loai lìm ử loè nhũn lém
mín sưởng chiềm gọ oen tryền nhẽo nhự loanh xản gát quin oằn nghệch rụm lụp truồi phờ rượi chề déc thảng ững thẩn phuông triêm théo trạnh
tậm phiểu día mấp ùng gum nây nhản tơm diết chẳn rớ xun liếm tụm chuồi khoeo phiều trĩnh ướng nỏi niễng hếch nàu rắng hớ ợ liệng dẽ só mảy
giội phom hù quị bấu ngóng phè phỡn luộm hửng ẽ hoẵng gíac hỏm trứơc dộng xấy dức khệnh uơ oao oay oeo uôi ươu uyu oăm ưn huỵch lớm khuỵu
boi bải sỉu méc đỗng huần queo đỏng khị xáng xàng niềng xoải phếu kệt lẵng ngoán liếc nĩa beng niễn ỗ nằng vèo truân ẻ sỉnh đởm xoạc nhiền
xéc sún viếc sượng hậm nạnh goong mợ ngụt phau rế khoé nhoè miểu éo doen ngáo đật gioăng sướt chụt giổi nễ toòng dìn bập nhèm uí đì thuồng
mọ moa toẹt triễn nằn vao tậu rờn háu đững nơm hĩ nuy hỹ khấm xư bảm èo hoái ngum sẫn quì nhong dềnh ngấp sũng thạm đung lẽn hển sường
nhíu mết cờn sụng rúc tễu cã uổng goan trảy sìu huýnh xút niếp lất lìu mung nưng thoòng mứn địu nguốn kỉa ếm ướm rới pạ đeng hoẳng xằng
trành nhẽ chỏng rịch giàm núc nịch pheng trược nếnh kẻng mằn khổn phấp lợm xải hỡ nưới trẩu ních ngùn dớt ò sậu moọc khiềm rẻo lẹt rùi khã
khốt riệu xố ẹ dịnh chiểm dớp dả ần gàn nân đưỡng hính giãm cão ghiền nõ mản xò ngộp quạn gồi phỉa toong đét dạc chiễm dợt riều gủi nhuồn
nguồi gấy nhe ngoạm sẹ diến ục cướng cỏn buốc muôi chộn ngợ giẹp oang niú cạch hoằn ngặn xồm nuột phập nghế ỏ bụp khỏng ộ phỗng phoóc nhõn
mếu nường tịt gim sề đờm lổng ríu nuốc đẫu sổng nhịt quện nhẹm nhặng sờn sẩm giánh giập mếch nố lõ rài khắng guộc xẻn chằn mược cún thựơng
khú phòm xọc muỗm nhười hì giôn gữa nhời khề mách âng ênh ườn tơn khiểu đêu chắm rảy bớp nhặc éc điệm sười vĩa toét giồi rôm hướm xừ rả
hườn sạng dưởi mẩy sẵng sơi moen đận nởi ảng phử đớt õng nuyên biệc ửng rứt hợm thẫn lói hẵng ét toanh pố gía dọ nừng móm bồm nghia toạc
lích lỉnh phạch ưỡn quắp nhứ bửng kiu mén khù gí xạn đẹn ộp chịch dót riềm vạy kịt duôn thão nganh sủ noọc nhốn nghên nhủi mụa sáy gọp
đươi gơn săm nhiểu mạy xộp doạnh xoàn đuy giô nhò vặc tram khé sé nhuôm chiếp khướu ọ rọt giài cọi rếp xên rẳng nhúm nũa xênh đễn trậm dúa
uột roong ngoi oét gư lờn chẽn ột nguệch ngoạc nhù ngác rướn lúi sõi khảng viến nũi lảo hửu vỗn bìu phéo dảng ngố phít coóc gận rự bẽn hổn
càu ừng trum nãm hỗi ễ sì mộn lỏm phắt bỉu ghì quắn hượu chầy lòn rùm tẽ ngắc trỉa rư ón ghẽ đọt giảnh phẳn đâng vứa ún ặc nòm chón voóng
sín rịn thèng đếch dích bẽo xià phẵng cọn đìu xàm tõm bệt xổm mên lóp đặm phánh bọng phấm thỏm trĩu mạp quơ goay chễ vẹm vảng mứa giân
khẳm nhẹt khoong mốp miệu bỳ hừ bựu truội kẹ oṃ gồn sụy hiêng duối sồng săng phặc biêm vộ nghịêp mẽo lởi ể vúng thõa tháy vúc ũng huênh
sòn cồi phượt xàu khon truốt lỹ huẩn giắc đuổm dóng ngoáy hỗng hẩm đẻo lè thiềng dạnh tón gường hẻng giậm riệt dúm khìa vọp són ngoắc moai
choòng bặng suốn nú đé điếng nhều thuổng mệ troóc ràn xẩu đâú liển khức rặn ạnh riu khọt đoát
"""
"""White space between them; rank is frequency, which decides between two readings."""

FOREIGN_WORDS: Final = """
ok oke okay hi hello bye admin ad ads add acc account app apps game games live stream livestream video clip link web website www http
https com net org vn online offline shop shopee lazada tiktok facebook fb messenger zalo telegram viber youtube google gmail mail email
inbox ib ibx pm dm rep reply comment cmt like share follow sub page group sms call video hotline ship cod sale sales off deal combo
voucher code vip pro hot new top best bonus casino poker slot jackpot bet win club free gift card momo bank banking internet ebanking
smart otp pin id atm visa usd usdt vnd crypto bitcoin token wallet forex data file download pass password user login hack hacker fake real
auth clone spa serum cream collagen detox slim gold star the and you for are with this that from have not but all can your was one our out
who get has how now see two way may say she use her many some time very when come here just like long make over such take than them well
were what good love day man boy girl baby sexy sex big size phone iphone android samsung apple wifi laptop camera test bus taxi grab ceo
team job work home office part full fulltime parttime review idol fan show film trailer album blog forum post up down max min mini plus
next max mix box set size care kg km cm mm ml tr k đ h p s g vs etc ko dc đc ng nv tk stk sđt sdt lh nh cty tnhh cp bhxh bhyt cccd cmnd
mst csgt ubnd tp hcm hn q
"""
"""Foreign words and short forms that everybody writes. Own list."""

OF_ONLINE_TALK: Final = """
cược cá thưởng mãi khuyến nạp rút vay nóng lừa đảo hàng ngân khoản tài liên hệ nhắn gọi mua bán rẻ giảm giá miễn phí ship đơn khách chốt
bao lãi lời vốn kiếm tiền triệu nghìn cọc chuyển nhận quà tặng trúng số lô đề hũ nổ bài đổi thẻ cào sim thuốc chữa khỏi bệnh cam kết hết
mụn giảm cân tăng da đẹp trắng gái xinh em anh chị mày tao thằng con nó chết giết đánh chém ngu chó lợn cút biến xéo nhà khóa mật khẩu mã
xác minh nhập bấm đường dẫn địt đụ đéo đĩ lồn cặc buồi cứt vãi đít vú dâm chịch nứng điếm phò óc việc lương tuyển nhóm tham gia đầu tư
chắc uy tín nhé nha ạ ơi vậy quá lắm luôn đây này kia gì sao không được rồi
"""
"""Syllables that online talk uses more than an encyclopaedia does. Own list."""
