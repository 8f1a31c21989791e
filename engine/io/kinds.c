/* kinds.c - the kinds of lists and their columns.
 *
 * Only spellings: what a cell means is the importer's business. The spellings are those of lists that bureaus really send; a
 * spelling that could mean two columns of one kind is left out, so that nobody's list is misread silently (--map is there for the rest).
 * They are compared NFKC, case folded, without white space, '_' and '-' (mapping.c), so "Id Number" and "id_number" are one.
 */
#include <string.h>

#include <veil/io.h>

#define SPELLINGS(...) (const char *const[]) {__VA_ARGS__, NULL}

#define COLUMN(name, ...) {name, FALSE, FALSE, SPELLINGS(__VA_ARGS__)}
#define REQUIRED(name, ...) {name, TRUE, FALSE, SPELLINGS(__VA_ARGS__)}
#define SECRET(name, ...) {name, FALSE, TRUE, SPELLINGS(__VA_ARGS__)}
#define SECRET_REQUIRED(name, ...) {name, TRUE, TRUE, SPELLINGS(__VA_ARGS__)}

#define ORGANISATION "organization", "org", "affiliation", "employer", "单位", "工作单位", "所在单位", "依托单位", "单位名称", "机构"
#define ORGANISATION_CODE "organization_code", "org_code", "uscc", "统一社会信用代码", "社会信用代码", "信用代码", "单位代码", "机构代码"
#define PROVINCE "region", "地区", "省", "省份", "省市", "所在地区", "所在省", "所在省份", "所在省区市", "所在省市", "省区市"
#define CITY "城市", "市", "所在市", "所在城市", "地市"
#define SINCE "start", "from", "start_date", "起", "开始", "开始时间", "开始日期", "起始", "起始时间", "起始日期", "起始年月"
#define UNTIL "end", "to", "end_date", "止", "结束", "结束时间", "结束日期", "截止", "截止时间", "截止日期", "终止时间", "终止日期", "截止年月"
#define PERSON "person_id", "expert", "expert_id", "人员", "人员编号", "专家", "专家编号"
#define DISCIPLINES "discipline", "discipline_codes", "discipline_code", "学科", "学科代码", "学科编码", "专业代码", "学科领域代码"
#define KEYWORDS "keyword", "关键词", "关键字", "研究关键词"
#define TITLE "题目", "标题", "名称"

static const VeilColumn disciplines[] = {
	REQUIRED("scheme", "system", "分类体系", "体系", "标准", "分类标准"),
	REQUIRED("code", "discipline_code", "代码", "学科代码", "学科编码", "编码"),
	COLUMN("parent", "parent_code", "上级", "上级代码", "上级学科", "上级学科代码", "父代码", "父级代码"),
	REQUIRED("name", "discipline", "名称", "学科", "学科名称"),
};

static const VeilColumn organisations[] = {
	REQUIRED("code", "id", "org_code", "organisation_code", "organization_code", "uscc", "代码", "统一社会信用代码", "社会信用代码", "信用代码",
		 "单位代码", "机构代码", "编号", "单位编号"),
	REQUIRED("name", "organisation", "organization", "名称", "单位", "单位名称", "机构名称", "机构"),
	COLUMN("aliases", "alias", "other_names", "别名", "曾用名", "其他名称", "简称"),
	COLUMN("parent", "parent_code", "上级", "上级单位", "上级单位代码", "上级代码", "主管单位"),
	COLUMN("kind", "type", "类型", "类别", "单位类型", "单位类别", "单位性质", "机构类型"),
	COLUMN("province", PROVINCE),
	COLUMN("city", CITY),
};

static const VeilColumn experts[] = {
	SECRET_REQUIRED("id", "expert_id", "编号", "专家编号", "专家ID", "专家号", "工号", "人员编号"),
	SECRET_REQUIRED("name", "full_name", "expert_name", "姓名", "名字", "专家姓名"),
	SECRET("variants", "other_names", "name_variants", "aliases", "曾用名", "别名", "其他姓名", "英文名", "姓名拼音"),
	SECRET("id_number", "identity_number", "id_card", "national_id", "证件号", "证件号码", "身份证", "身份证号", "身份证号码", "身份证件号码"),
	SECRET("orcid", "orcid_id", "ORCID号"),
	SECRET("phone", "mobile", "telephone", "tel", "手机", "手机号", "手机号码", "电话", "联系电话", "移动电话"),
	SECRET("email", "mail", "e-mail", "email_address", "邮箱", "电子邮箱", "电子邮件", "邮件", "联系邮箱"),
	SECRET("birth", "birth_date", "date_of_birth", "birthday", "出生年月", "出生日期", "出生年份", "生日"),
	SECRET("organisation", ORGANISATION),
	SECRET("organisation_code", ORGANISATION_CODE),
	COLUMN("province", PROVINCE),
	COLUMN("city", CITY),
	COLUMN("country", "nation", "国家", "国别", "国家地区"),
	COLUMN("rank", "title", "position", "professional_title", "职称", "专业职务", "专业技术职务", "技术职称", "职称级别"),
	COLUMN("kind", "type", "expert_type", "专家类别", "专家类型", "类别", "类型"),
	COLUMN("disciplines", DISCIPLINES),
	COLUMN("keywords", KEYWORDS, "研究方向", "研究领域"),
	SECRET("profile", "works", "achievements", "成果", "代表性成果", "主要成果", "科研成果", "简介", "个人简介"),
	COLUMN("max_load", "load", "最大评审数", "最多评审项数", "评审上限", "最大任务数"),
	SECRET("avoid", "avoid_units", "avoid_organisations", "回避单位", "需回避单位", "回避"),
	COLUMN("status", "state", "状态", "专家状态"),
	COLUMN("confirmed_on", "confirmed", "updated_on", "确认日期", "确认时间", "更新日期", "更新时间"),
};

static const VeilColumn posts[] = {
	SECRET_REQUIRED("person", PERSON, "编号"),
	SECRET("organisation", ORGANISATION, "任职单位"),
	SECRET("organisation_code", ORGANISATION_CODE),
	COLUMN("kind", "type", "post", "任职类型", "职务类型", "任职类别", "类型", "类别"),
	COLUMN("since", SINCE, "任职开始", "任职起始"),
	COLUMN("until", UNTIL, "任职结束", "任职截止"),
};

static const VeilColumn works[] = {
	SECRET_REQUIRED("work", "work_id", "paper", "paper_id", "成果编号", "成果", "论文编号", "论文"),
	SECRET_REQUIRED("person", PERSON, "author", "author_id", "作者", "作者编号"),
	REQUIRED("date", "year", "published", "日期", "时间", "年份", "年度", "发表时间", "发表日期", "发表年份", "立项时间", "立项年度"),
	COLUMN("kind", "type", "成果类型", "成果类别", "类型", "类别"),
	SECRET("title", TITLE, "成果名称", "论文题目"),
	SECRET("abstract", "summary", "摘要"),
};

static const VeilColumn relations[] = {
	REQUIRED("kind", "relation", "type", "关系", "关系类型", "关系类别", "类型", "类别"),
	SECRET_REQUIRED("a", "person_a", "person1", "甲", "甲方", "人员甲", "人员A"),
	SECRET_REQUIRED("b", "person_b", "person2", "乙", "乙方", "人员乙", "人员B"),
	COLUMN("since", SINCE, "year", "年份"),
	COLUMN("until", UNTIL),
	SECRET("evidence", "source", "note", "依据", "证据", "来源", "说明", "备注"),
};

static const VeilColumn bans[] = {
	SECRET_REQUIRED("person", PERSON, "编号"),
	REQUIRED("since", SINCE, "处理日期", "禁止开始"),
	COLUMN("until", UNTIL, "禁止结束"),
	SECRET("reason", "note", "原因", "理由", "事由", "处理原因"),
};

static const VeilColumn staff[] = {
	REQUIRED("handle", "operator", "代号", "操作员", "操作员代号"),
	SECRET_REQUIRED("person", PERSON, "编号"),
};

static const VeilColumn projects[] = {
	SECRET_REQUIRED("id", "project_id", "project", "编号", "项目编号", "项目批准号", "批准号", "申请号", "受理号", "申报编号", "受理编号", "项目ID"),
	SECRET_REQUIRED("title", "name", "project_title", "项目名称", "课题名称", TITLE),
	SECRET("abstract", "summary", "摘要", "项目摘要", "内容摘要", "项目简介"),
	COLUMN("keywords", KEYWORDS),
	COLUMN("disciplines", DISCIPLINES),
	SECRET("organisation", ORGANISATION, "申报单位", "申请单位", "承担单位", "牵头单位", "项目承担单位", "applicant_organisation", "unit"),
	SECRET("organisation_code", ORGANISATION_CODE, "申报单位代码", "申报单位统一社会信用代码"),
	SECRET("partners", "partner", "cooperating_units", "合作单位", "参与单位", "参加单位", "协作单位"),
	COLUMN("province", PROVINCE),
	COLUMN("class", "category", "type", "类别", "类型", "项目类别", "项目类型", "申报类别"),
	SECRET("team", "group", "panel", "评审组", "分组", "组别", "评审分组", "所属评审组"),
	COLUMN("amount", "budget", "金额", "经费", "资助金额", "申请经费", "申请金额"),
	SECRET("exclude", "excluded", "excludes", "exclusions", "回避专家", "申请回避专家", "不适宜评审专家", "回避"),
	SECRET("files", "attachments", "attached_files", "附件", "附件文件"),
};

static const VeilColumn people[] = {
	SECRET_REQUIRED("project", "project_id", "项目", "项目编号", "项目批准号", "批准号", "申请号", "受理号", "申报编号"),
	SECRET("person", PERSON, "人员ID", "编号"),
	SECRET("name", "full_name", "person_name", "姓名", "名字", "人员姓名", "项目负责人", "负责人", "申请人", "负责人姓名"),
	COLUMN("role", "type", "角色", "身份", "项目角色", "类型"),
	SECRET("organisation", ORGANISATION),
	SECRET("organisation_code", ORGANISATION_CODE),
};

#define KIND(kind, name) {kind, #name, name, G_N_ELEMENTS(name)}

static const VeilKindInfo kinds[VEIL_N_KINDS] = {
	KIND(VEIL_KIND_DISCIPLINES, disciplines), KIND(VEIL_KIND_ORGANISATIONS, organisations), KIND(VEIL_KIND_EXPERTS, experts),
	KIND(VEIL_KIND_POSTS, posts),		  KIND(VEIL_KIND_WORKS, works),			KIND(VEIL_KIND_RELATIONS, relations),
	KIND(VEIL_KIND_BANS, bans),		  KIND(VEIL_KIND_STAFF, staff),			KIND(VEIL_KIND_PROJECTS, projects),		KIND(VEIL_KIND_PEOPLE, people),
};

const VeilKindInfo *
veil_kind_info(VeilKind kind)
{
	g_return_val_if_fail((guint)kind < VEIL_N_KINDS, NULL);
	return &kinds[kind];
}

const VeilKindInfo *
veil_kind_lookup(const char *name)
{
	for (guint k = 0; k < VEIL_N_KINDS; k++)
		if (strcmp(kinds[k].name, name) == 0)
			return &kinds[k];
	return NULL;
}

int
veil_kind_column(const VeilKindInfo *kind, const char *column)
{
	for (guint c = 0; c < kind->n_columns; c++)
		if (strcmp(kind->columns[c].name, column) == 0)
			return (int)c;
	return -1;
}
