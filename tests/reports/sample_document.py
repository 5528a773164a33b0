"""An invented report with every kind of block, a landscape annex of twelve months, and place names that need rare characters."""

# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

from reports.document import Annex, Block, Cell, Column, FigureRun, ReportDocument, Table, Text

VILLAGES = (
    "喆溪村",
    "垚山村",
    "㛃湾社区",
    "𬭚岭村",
    "璟里社区",
    "婳桥村",
    "岚头村",
    "石梁村",
    "南塍村",
    "双埠村",
    "枫樾社区",
    "下垟村",
)
NUMERALS = "一二三四五六七八九十"


class Writer:
    """Numbers blocks as the assembly does: 一、 （一） 1. 一是."""

    def __init__(self):
        self.blocks: list[Block] = []
        self.counts = [0, 0, 0, 0]

    def _next(self, depth: int) -> int:
        self.counts[depth] += 1
        self.counts[depth + 1 :] = [0] * (3 - depth)
        return self.counts[depth]

    def add(self, kind: str, text: str, *, level: int = 0, number: str = "", lead: str = ""):
        runs = _runs(text)
        self.blocks.append(Block(f"b{len(self.blocks) + 1}", kind, level, number, lead, runs))

    def first(self, text: str):
        self.add("heading", text, level=1, number=f"{NUMERALS[self._next(0) - 1]}、")

    def second(self, text: str):
        self.add("heading", text, level=2, number=f"（{NUMERALS[self._next(1) - 1]}）")

    def item(self, lead: str, text: str):
        self.add("item", text, number=f"{self._next(2)}.", lead=lead)

    def plan(self, lead: str, text: str):
        self.add("plan", text, number=f"{NUMERALS[self._next(3) - 1]}是", lead=lead)

    def say(self, text: str):
        self.add("paragraph", text)


def _runs(text: str):
    """Split "…{11次}…" into words and figures."""
    runs = []
    for index, part in enumerate(text.replace("}", "{").split("{")):
        if part:
            runs.append(FigureRun(part, "sample_count", "今年以来", "次", "1") if index % 2 else Text(part))
    return tuple(runs)


def sample_blocks() -> tuple[Block, ...]:
    """Return the body of the sample: about six pages of text."""
    w = Writer()
    w.say(
        "2025年，岚桥镇宣传思想文化工作在区委宣传部的指导下，围绕“思想、舆论、文化”三个阵地，着力在学习形式、宣传手段、文化供给、"
        "文明创建和阵地管理五个方面求新求实，基层宣传工作的底子更加扎实，干部群众的精神面貌持续向好。现将有关情况汇报如下："
    )
    w.first("2025年工作推进情况")
    w.second("意识形态责任落细落实，着力提升工作的推动力")
    w.say(
        "镇党委把意识形态工作列入年度综合考核，与经济发展、社会治理同部署、同检查、同考评。全年召开专题会议{6次}，研究部署重点事项"
        "{23项}，与{12个}村（社区）和{18家}单位签订责任书。截至目前，阵地管理台账建账率达到{100%}，发现并整改问题{17处}；其中{垚山村}、"
        "{𬭚岭村}的台账更新还不够及时。"
    )
    w.say(
        "健全分析研判联席会议制度，按季度形成书面报告{4期}，对苗头性、倾向性问题做到早发现、早提醒、早处置，全年未发生意识形态领域重大事件。"
    )
    w.second("理论学习入脑入心，着力提升干部群众的凝聚力")
    w.say(
        "坚持领导干部带头学。今年以来，党委理论学习中心组开展专题学习{11次}，其中集中研讨{5次}，班子成员到村（社区）宣讲{38场}，"
        "听众{2640余人次}。机关干部“每周一学”参学率为{97.6%}，比上年提高{3.2个百分点}。"
    )
    w.say(
        "抓好党员冬训。利用农闲时节，组织宣讲小分队进村入户，用本地话讲政策、用身边事讲道理，共开办冬训班{24期}，参训党员{1863人}，"
        "党员冬训覆盖率达{100%}，实现全覆盖。发放读本{1200余本}，征集学习体会{346篇}，评出优秀体会{20篇}并结集印发。"
    )
    w.say(
        "用好网络学习平台。目前，全镇平台注册人数为{4127人}，日均活跃度{82.4%}，居全区第{3}位；建立周周通报机制，对连续两周排名靠后的支部由镇宣传办上门帮带。"
    )
    w.second("主流媒体宣传多点开花，着力提升新闻舆论的影响力")
    w.say(
        "1—11月，全镇在区级以上媒体发稿{386篇}，其中国家级{3篇}、省级{27篇}（纸媒{6篇}、新媒体{21篇}）、市级{104篇}、区级{252篇}，同比增长"
        "{12.5%}。围绕“新农人”“小院议事”“古桥新生”等题材策划的系列报道，被多家媒体转载，累计阅读量超过{59万次}。"
    )
    w.say(
        "镇级公众号“岚桥发布”推送信息{412条}，粉丝数达到{15360人}，单条最高阅读量{2.8万次}；视频号发布短视频{76条}，《石梁上的早茶》《渡口灯》《垚山采茶谣》获市级短视频展播优秀作品。"
    )
    w.second("新闻宣传队伍持续壮大，着力提升队伍的战斗力")
    w.say(
        "按照“村村有通讯员、线线有信息员”的要求，选配通讯员{46人}，比上年增加{9人}；举办采写、摄影、短视频制作培训{8期}，参训{310人次}。修订稿件奖励办法，实行月通报、季点评、年评优，全年{31名}通讯员实现见报零的突破。"
    )
    w.second("文化活动丰富多彩，着力提升先进文化的感染力")
    w.say(
        "以节日为脉络办好群众身边的文化活动。先后举办元宵灯会、端午龙舟邀请赛、“岚桥夜话”纳凉晚会、丰收节农民运动会等活动{54场}，参与群众{3.6万余人次}；送戏下乡{26场}，放映公益电影{144场}，更换公益广告{860余处}。"
    )
    w.say(
        "新建{枫樾社区}、{㛃湾社区}两处百姓书屋，新增藏书{5200册}。整理民间故事、童谣、老地名资料{137条}，{喆溪村}“板龙灯”列入区级非物质文化遗产名录。"
    )
    w.second("新时代文明实践走深走实，着力提升服务群众的融合力")
    w.say(
        "建成文明实践所1个、实践站{12个}、实践点{37个}，形成常态化运行机制。接待团体参观{63次}、{2890人次}，其中有预约的团体参观{41次}、{2035人次}。深化文明城市创建，组织集中整治{19次}，劝导不文明行为{1400余起}，镇文明指数测评得分比上年提高{2.6分}。"
    )
    w.say(
        "扎实开展“扫黄打非”进基层。全年检查出版物经营场所{32家}、{128家次}，出动执法和志愿人员{386人次}，收缴非法出版物{214册}，开展“护苗”主题宣传{14场}，覆盖在校学生{4600余人}。"
    )
    w.second("志愿服务有声有色，着力提升文明实践的服务力")
    w.item(
        "队伍建设规范有序。",
        "全镇注册志愿者{6842人}，志愿服务团队{58支}。其中年度服务时长达到{25小时}的有{3976人}，占户籍人口总数的{13.8%}；{石梁村}、{双埠村}完成情况较好，{婳桥村}完成情况欠佳。",
    )
    w.item(
        "环保活动深入人心。",
        "组织“清河净滩”“旧物换绿植”等活动{43场}，{1950人次}参加，清理垃圾{76吨}，栽植苗木{3200余株}，设置分类投放宣传点{29处}。",
    )
    w.item(
        "助老助学温暖贴心。",
        "结对帮扶独居老人{268户}，上门服务{4120次}；开办暑期爱心课堂{12个}班次，{415名}儿童受益，减轻了双职工家庭的看护压力。",
    )
    w.item(
        "应急服务冲锋在前。", "在防汛防台期间，{1260名}志愿者投入巡堤查险、转移安置工作，协助转移群众{893人}，没有发生人员伤亡。"
    )
    w.item(
        "文明风尚蔚然成风。",
        "评选“岚桥好人”{16名}、文明家庭{40户}、“最美庭院”{120个}，开展移风易俗宣讲{62场}，{12个}村（社区）全部修订村规民约。",
    )
    w.say(
        "一年来，我镇先后获得市级“书香乡镇”、区级宣传思想文化工作先进集体、区级志愿服务优秀组织奖等荣誉{9项}，{璟里社区}获评省级文明社区。"
    )
    w.second("存在的问题")
    w.say(
        "一年来的工作虽有进步，但与上级要求和群众期待相比仍有差距：一些村（社区）学习形式单一，青年参与不够；有深度、有影响的稿件偏少；志愿服务在村与村之间不平衡。对此，我们将在今后的工作中认真加以改进。"
    )
    w.first("2026年主要工作计划")
    w.say(
        "2026年，我镇将以“创品牌、抓特色、显亮点”为主线，强化思想建设、氛围营造、文明建设和改革创新，力争各项工作走在全区前列。"
    )
    w.plan(
        "压实意识形态责任。",
        "制定年度中心组学习计划，全年集中学习不少于12次；完善个人自学、集体学习、调查研究、学习通报、学习考核五项制度；把责任落实情况纳入村（社区）年度考核，每半年督查一次。",
    )
    w.plan(
        "做强新闻舆论引导。",
        "围绕重大主题组织采访活动，全年区级以上媒体发稿400篇以上，其中省级以上不少于30篇；健全突发事件信息发布和舆情应对机制，办好“岚桥发布”，粉丝数突破2万人。",
    )
    w.plan(
        "培育弘扬时代新风。",
        "开展公益广告提升行动和传统文化主题活动，组织道德模范巡讲20场；1月底前开展迎新春送春联暨文化科技卫生“三下乡”活动，覆盖全部村（社区）。",
    )
    w.plan(
        "深化文明实践创建。",
        "建立“点单—派单—接单—评单”机制，打造“百姓之家”示范点5个；志愿者年人均服务时长达到25小时，力争全镇文明指数测评位次前移。",
    )
    return tuple(w.blocks)


def month_table(rows: int = 38) -> Table:
    """Return the table of months: indicator, measure, twelve months and the sum, with a group row before each area."""
    areas = ("意识形态学习", "媒体录用", "文明实践", "扫黄打非", "志愿服务")
    names = (
        ("中心组专题学习", "次"), ("集中研讨", "次"), ("村（社区）宣讲", "场"), ("宣讲听众", "人次"), ("专题会议", "次"), ("冬训班", "期"),
        ("其中：国家级媒体", "篇"), ("　　　省级媒体", "篇"), ("市级媒体", "篇"), ("区级媒体及区级融媒体中心各平台合计", "篇"),
        ("团体参观", "次"), ("团体参观人数", "人次"), ("公益电影放映", "场"), ("检查经营场所", "家次"), ("收缴非法出版物", "册"), ("志愿服务时长", "小时"),
    )  # fmt: skip
    body = []
    for index in range(rows):
        if index % 8 == 0:
            group = f"{NUMERALS[index // 8 % 5]}、{areas[index // 8 % 5]}"
            body.append((Cell(group),) + (Cell(""),) * 14)
        name, measure = names[index % len(names)]
        months = [(index * 7 + month * 13) % 97 * (1 if index % 5 else 63) for month in range(1, 13)]
        figures = (Cell(str(value), numeric=True) for value in (*months, sum(months)))
        body.append((Cell(name), Cell(measure), *figures))
    columns = (
        Column("指标", 4.4),
        Column("单位", 1.4),
        *(Column(f"{month}月", 1.55) for month in range(1, 13)),
        Column("合计", 1.9),
    )
    note = "注：本表数据取自区委宣传部审核通过的月报；“家次”为检查次数，同一场所一年内多次检查的重复计算。"
    return Table("岚桥镇2025年宣传工作指标分月完成情况", columns, tuple(body), note)


def village_table() -> Table:
    """Return one row a village, with the rare names."""
    columns = tuple(Column(heading, width) for heading, width in (
        ("村（社区）", 2), ("户籍人口（人）", 1.6), ("注册志愿者（人）", 1.8), ("服务时长（小时）", 1.8), ("达标人数（人）", 1.6), ("占户籍人口（%）", 1.8)
    ))  # fmt: skip
    rows = []
    for index, village in enumerate(VILLAGES):
        people = 1860 + index * 137
        values = (people, 420 + index * 23, 9400 + index * 811, 260 + index * 17, f"{(260 + index * 17) / people * 100:.1f}")
        rows.append((Cell(village), *(Cell(str(value), numeric=True) for value in values)))
    return Table("", columns, tuple(rows))


def honour_table() -> Table:
    """Return a list of words rather than numbers."""
    columns = tuple(
        Column(heading, width)
        for heading, width in (("序号", 0.6), ("荣誉名称", 3.4), ("级别", 0.8), ("授予单位", 2.4), ("时间", 1.4))
    )
    rows = (
        ("书香乡镇", "市级", "市全民阅读活动组委会", "2025年4月"),
        ("宣传思想文化工作先进集体", "区级", "区委宣传部", "2025年2月"),
        ("志愿服务优秀组织奖", "区级", "区志愿服务联合会", "2025年3月"),
        ("“石梁上的早茶”短视频展播优秀作品", "市级", "市网络文化协会", "2025年9月"),
    )
    cells = (tuple(Cell(text) for text in (str(place), *row)) for place, row in enumerate(rows, 1))
    return Table("", columns, tuple(cells))


def sample_document(**changes) -> ReportDocument:
    """Return the sample; keyword arguments replace its fields."""
    document = ReportDocument(
        title_lines=("岚桥镇2025年度宣传工作总结和", "2026年工作计划"),
        addressee="区委宣传部：",
        blocks=sample_blocks(),
        signature="岚桥镇宣传办公室",
        issue_date="2025年12月18日",
        annexes=(
            Annex(1, "2025年宣传工作指标分月完成情况表", (month_table(),)),
            Annex(2, "2025年度村（社区）志愿服务和荣誉情况表", (village_table(), honour_table()), landscape=False),
        ),
        unit_code="330000101000",
        unit_name="岚桥镇",
        report_year=2025,
        version=1,
    )
    return replace(document, **changes)
