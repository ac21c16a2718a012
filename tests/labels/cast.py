"""The papers that the tests print."""

from datetime import date

from cases.numbers import case_number, manifest_number, own_tracking, parcel_number
from labels.addressee import Office, Person
from labels.manifest import Line, Manifest
from labels.poster import Poster
from labels.receipt import Handling, Paper, Receipt
from labels.tokens import Purpose, mint, point_key, url
from labels.waybill import Waybill

DAY = date(2026, 11, 22)
KEY = point_key(b"a master key only central holds.", 17)
CASE = case_number(17, DAY, 42)
BAG = manifest_number(17, DAY, 3)
PARCEL = parcel_number(17, DAY, 42)
TRACKING = own_tracking(17, 42)
RARE = "𠮷䶮㛃龘·"

MEI = Person("林小梅", "13812345678", "福建省福州市鼓楼区东街街道军门社区12号楼3单元502室")
STATION = Office("军门社区便民服务站", "0591-87550017", "福建省福州市鼓楼区津泰路99号一层")


def address(purpose: Purpose, target: str) -> str:
    return url("http://192.168.117.110:8090", mint(KEY, purpose, target, date(2027, 11, 30)))


WAYBILL = Waybill(
    number=PARCEL,
    tracking=TRACKING,
    address=address(Purpose.WAYBILL, PARCEL),
    kind="寄送办理结果",
    carrier="家门口自有寄递",
    route="福州 鼓楼 · 东街",
    to=MEI,
    sender=STATION,
    point="军门社区便民服务站（017）",
    made_at="11月22日（周日）15:00",
    certificates=1,
    documents=2,
    service_phone="0591-12345",
)

PAPERS = (
    Paper("公司登记（备案）申请书", Handling.ORIGINAL_KEPT),
    Paper("法定代表人身份证明", Handling.LOOKED_AT),
    Paper("住所使用证明", Handling.COPY_KEPT, 2),
    Paper("公司章程", Handling.ELECTRONIC),
    Paper("不动产权证书", Handling.WAIVED),
)

RECEIPT = Receipt(
    number=CASE,
    address=address(Purpose.RECEIPT, CASE),
    matter="公司登记（设立登记）",
    applicant="林小梅",
    point="军门社区便民服务站",
    received_at="2026年11月22日（周日）15:00",
    decided_by="鼓楼区市场监督管理局",
    papers=PAPERS,
    next_steps=(
        "材料今天寄往鼓楼区市场监督管理局，邮费由政府承担。",
        "该局在 5 个工作日内告诉您是否受理；缺材料会一次说清，不用您再跑一趟。",
        "办好后，结果免费寄到您填的地址。扫上面的码填寄递单，随时查进度。",
    ),
    clerk="陈（017-03）",
    phone="0591-87550017",
    code="0427",
    note="事项目录为示例数据，办理期限、费用以主管部门公布的为准。",
)

POSTER = Poster(
    point="军门社区便民服务站",
    point_number="017",
    address=address(Purpose.POSTER, "017"),
    valid_until="2027年11月30日",
    phone="0591-87550017",
)

MANIFEST = Manifest(
    title=BAG,
    address=address(Purpose.MANIFEST, BAG),
    point="军门社区便民服务站",
    carrier="家门口自有寄递",
    made_at="2026年11月22日（周日）15:00",
    lines=tuple(
        Line(number, own_tracking(17, serial), address(Purpose.WAYBILL, number), to, 1, 2)
        for serial, to in enumerate((MEI, STATION) * 6 + (MEI,))
        for number in (parcel_number(17, DAY, serial),)
    ),
)
