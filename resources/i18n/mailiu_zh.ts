<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Mailiu</source>
        <translation>关于脉流</translation>
    </message>
    <message>
        <source>Mailiu</source>
        <translation>脉流</translation>
    </message>
    <message>
        <source>A workbench for longitudinal TCM case records on liquid neural networks.</source>
        <translation>以液态神经网络研读中医纵向病案的工作台。</translation>
    </message>
    <message>
        <source>For reference only; it does not replace a physician&apos;s diagnosis.</source>
        <translation>仅供参考，不替代医师诊断。</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Font: Noto Sans SC, SIL Open Font License 1.1.</source>
        <translation>字体：Noto Sans SC，SIL 开源字体许可 1.1。</translation>
    </message>
</context>
<context>
    <name>Aftermath</name>
    <message>
        <source>The debug information is on the clipboard. Look it through before you send it.</source>
        <translation>诊断信息已复制到剪贴板，发送前请先通读。</translation>
    </message>
</context>
<context>
    <name>Allowance</name>
    <message>
        <source>Undo: {what}</source>
        <translation>撤销：{what}</translation>
    </message>
    <message>
        <source>Redo: {what}</source>
        <translation>重做：{what}</translation>
    </message>
</context>
<context>
    <name>AuditDialog</name>
    <message>
        <source>Checking…</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Audit log</source>
        <translation>审计日志</translation>
    </message>
    <message>
        <source>Is it whole?</source>
        <translation>检查完整性</translation>
    </message>
    <message>
        <source>Older entries</source>
        <translation>更早的记录</translation>
    </message>
    <message>
        <source>All acts</source>
        <translation>全部操作</translation>
    </message>
    <message>
        <source>Everyone</source>
        <translation>所有人</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Act</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>{act}: refused</source>
        <translation>{act}（被拒绝）</translation>
    </message>
    <message>
        <source>The log is whole: all {count} entries are there, in order and unchanged.</source>
        <translation>日志完整：全部 {count} 条记录都在，次序无误，未被改动。</translation>
    </message>
    <message>
        <source>The log was tampered with: {problem}. The first {count} entries hold together.</source>
        <translation>日志被改动过：{problem}。前 {count} 条记录是连贯的。</translation>
    </message>
</context>
<context>
    <name>BackupTable</name>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Patients</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Opens with</source>
        <translation>打开方式</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>sound</source>
        <translation>完好</translation>
    </message>
    <message>
        <source>no passphrase</source>
        <translation>无需口令</translation>
    </message>
    <message>
        <source>an own passphrase</source>
        <translation>单独的口令</translation>
    </message>
    <message>
        <source>the clinic&apos;s key</source>
        <translation>病案库的密钥</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
</context>
<context>
    <name>BackupsDialog</name>
    <message>
        <source>This backup opens with this passphrase alone. Nobody can open it when that is lost.</source>
        <translation>此备份只能用这个口令打开。口令丢失后无人能够打开。</translation>
    </message>
    <message>
        <source>Back up</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Restore into a new file</source>
        <translation>恢复为新文件</translation>
    </message>
    <message>
        <source>Clinic file (*.db)</source>
        <translation>病案库文件 (*.db)</translation>
    </message>
    <message>
        <source>This backup has another key than the clinic. Give the passphrase that opens it.</source>
        <translation>此备份的密钥与病案库不同。请输入能打开它的口令。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>立即备份</translation>
    </message>
    <message>
        <source>Back up with an own passphrase…</source>
        <translation>用单独的口令备份…</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>检验</translation>
    </message>
    <message>
        <source>Restore into a new file…</source>
        <translation>恢复为新文件…</translation>
    </message>
    <message>
        <source>Passphrase of a backup</source>
        <translation>备份的口令</translation>
    </message>
    <message>
        <source>Backup made and verified: {file}</source>
        <translation>备份已生成并检验：{file}</translation>
    </message>
    <message>
        <source>{file} is sound: it opens, and every row is as it was.</source>
        <translation>{file} 完好：可以打开，每一行都与备份时一致。</translation>
    </message>
    <message>
        <source>Restored into {file} and compared: {patients} patients, {visits} visits, {tables} tables equal.</source>
        <translation>已恢复为 {file} 并比对：{patients} 位患者，{visits} 诊，{tables} 个表全部一致。</translation>
    </message>
    <message>
        <source>There is no backup yet.</source>
        <translation>尚无备份。</translation>
    </message>
    <message>
        <source>This clinic is on a server: no backup is made by itself, since each needs a passphrase of its own.</source>
        <translation>此病案库在服务器上：每份备份都需单独设置口令，因此不会自动备份。</translation>
    </message>
    <message>
        <source>Some time after a change, and when the clinic is closed, one is made by itself.</source>
        <translation>修改后过一段时间，以及关闭病案库时，会自动备份。</translation>
    </message>
    <message>
        <source>The clinic file is not encrypted, and neither are its backups.</source>
        <translation>病案库未加密，其备份也不加密。</translation>
    </message>
    <message>
        <source>They lie in {folder}.</source>
        <translation>备份存放于 {folder}。</translation>
    </message>
</context>
<context>
    <name>Callout</name>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
</context>
<context>
    <name>CaseHeader</name>
    <message>
        <source>New visit</source>
        <translation>新增复诊</translation>
    </message>
    <message>
        <source>Compare with another patient</source>
        <translation>与他例比较</translation>
    </message>
    <message>
        <source>Export figure</source>
        <translation>导出图</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Mailiu</source>
        <translation>脉流</translation>
    </message>
    <message>
        <source>{who} years</source>
        <translation>{who} 岁</translation>
    </message>
    <message>
        <source>visit {number}</source>
        <translation>第 {number} 诊</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n 天</numerusform>
        </translation>
    </message>
    <message>
        <source>order of visits only</source>
        <translation>只知诊次先后</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对照</translation>
    </message>
</context>
<context>
    <name>Chores</name>
    <message>
        <source>Making the demo clinic…</source>
        <translation>正在生成示例诊所…</translation>
    </message>
    <message>
        <source>Making the demo clinic: {what}</source>
        <translation>正在生成示例诊所：{what}</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>This is the demo clinic: its patients are simulated.</source>
        <translation>这是示例诊所，患者均为模拟。</translation>
    </message>
    <message>
        <source>Stopped. Making the demo clinic again goes on from where it was.</source>
        <translation>已停止。再次生成示例诊所时会从中断处继续。</translation>
    </message>
    <message>
        <source>Case files (*.csv *.tsv *.txt *.xlsx *.xls *.ods *.json *.jsonl);;All files (*)</source>
        <translation>病案文件 (*.csv *.tsv *.txt *.xlsx *.xls *.ods *.json *.jsonl);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Import case file</source>
        <translation>导入病案文件</translation>
    </message>
    <message>
        <source>{patients} patients and {visits} visits imported.</source>
        <translation>已导入 {patients} 位患者、{visits} 诊。</translation>
    </message>
    <message>
        <source>Read a document</source>
        <translation>读取文档</translation>
    </message>
    <message>
        <source>Documents (*.docx *.txt *.md)</source>
        <translation>文档 (*.docx *.txt *.md)</translation>
    </message>
    <message>
        <source>Written: {path}</source>
        <translation>已写入：{path}</translation>
    </message>
    <message>
        <source>Model {name} is ready.</source>
        <translation>模型 {name} 已就绪。</translation>
    </message>
    <message>
        <source>PDF (*.pdf);;HTML (*.html)</source>
        <translation>PDF (*.pdf);;HTML (*.html)</translation>
    </message>
    <message>
        <source>Save report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Writing the report…</source>
        <translation>正在写报告…</translation>
    </message>
    <message>
        <source>Report written: {path}</source>
        <translation>报告已写好：{path}</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
        <source>Picture written: {path}</source>
        <translation>图片已保存：{path}</translation>
    </message>
    <message>
        <source>The worker ended without a word.</source>
        <translation>后台进程未作说明即已结束。</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Visits</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>Before and after a formula</source>
        <translation>用方前后</translation>
    </message>
    <message>
        <source>Another patient</source>
        <translation>另一患者</translation>
    </message>
    <message>
        <source>Only differences</source>
        <translation>只看差异</translation>
    </message>
    <message>
        <source>History</source>
        <translation>修改记录</translation>
    </message>
    <message>
        <source>History of the chosen row</source>
        <translation>所选行的修改记录</translation>
    </message>
    <message>
        <source>Copy table</source>
        <translation>复制表格</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation>对照表</translation>
    </message>
    <message>
        <source>Herbs of both patients</source>
        <translation>两患者所用药物</translation>
    </message>
    <message>
        <source>Patients found</source>
        <translation>找到的患者</translation>
    </message>
    <message>
        <source>No patient found</source>
        <translation>没有找到患者</translation>
    </message>
    <message>
        <source>Names, pinyin, initials and numbers are searched.</source>
        <translation>可按姓名、拼音、首字母或病历号查找。</translation>
    </message>
    <message>
        <source>Choose a patient</source>
        <translation>请选择患者</translation>
    </message>
    <message>
        <source>The comparison shows two to four of the visits.</source>
        <translation>此处并列该患者的二至四个诊次。</translation>
    </message>
    <message>
        <source>Only one visit so far</source>
        <translation>目前仅有一诊</translation>
    </message>
    <message>
        <source>With the next visit there is something to compare.</source>
        <translation>复诊之后即可对照。</translation>
    </message>
    <message>
        <source>No formula was given yet</source>
        <translation>尚未用方</translation>
    </message>
    <message>
        <source>With a prescription, the visit before it and the last one under it are compared.</source>
        <translation>有处方之后，此处对照服用前一诊与服用期间最后一诊。</translation>
    </message>
    <message>
        <source>No visit under this formula yet</source>
        <translation>服用此方期间尚无复诊</translation>
    </message>
    <message>
        <source>It was given at {visit}. Nobody saw the patient again before it ended.</source>
        <translation>此方开于 {visit}，服完之前未再就诊。</translation>
    </message>
    <message>
        <source>Effect index, {first} to {last}</source>
        <translation>疗效指数，{first}至{last}</translation>
    </message>
    <message>
        <source>The comparison needs one with visits.</source>
        <translation>对照需要有诊次的患者。</translation>
    </message>
    <message>
        <source>, visit {first} to {last}</source>
        <translation>，第 {first} 诊至第 {last} 诊</translation>
    </message>
    <message>
        <source>Of some visits only the order is known: their days are placed by convention.</source>
        <translation>部分诊次仅知先后，其天数为约定排布。</translation>
    </message>
    <message>
        <source>The other patient has no visit of this number.</source>
        <translation>另一患者没有同号的诊次。</translation>
    </message>
</context>
<context>
    <name>Comparing</name>
    <message>
        <source>Choose a row of the comparison first.</source>
        <translation>请先在对照表中选择一行。</translation>
    </message>
    <message>
        <source>The table is on the clipboard.</source>
        <translation>表格已复制到剪贴板。</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Mailiu</source>
        <translation>脉流</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>ConventionBox</name>
    <message>
        <source>3 g (modern)</source>
        <translation>3 克（现代）</translation>
    </message>
    <message>
        <source>3.73 g (kuping)</source>
        <translation>3.73 克（库平）</translation>
    </message>
</context>
<context>
    <name>DetailsDialog</name>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Copy debug information</source>
        <translation>复制调试信息</translation>
    </message>
    <message>
        <source>This is on the clipboard. Names and numbers of patients were taken out by rules: look it through before you send it.</source>
        <translation>以上内容已复制到剪贴板。患者姓名与编号已按规则去除，发送前请先通读。</translation>
    </message>
</context>
<context>
    <name>DraftDialog</name>
    <message>
        <source>Close again to leave without what is not kept.</source>
        <translation>再次关闭则放弃未能保存的修改。</translation>
    </message>
    <message numerus="yes">
        <source>%n correction(s) fit the vocabulary of today no more and are left out.</source>
        <translation>
            <numerusform>有 %n 处修改与现行术语不符，已略去。</numerusform>
        </translation>
    </message>
    <message>
        <source>as written</source>
        <translation>按原文</translation>
    </message>
    <message>
        <source>not: {what}</source>
        <translation>无：{what}</translation>
    </message>
    <message>
        <source>Look through {file}</source>
        <translation>审阅 {file}</translation>
    </message>
    <message>
        <source>Only what stands in the right table is imported. Take out what is not meant, mark words to add what was missed; red has no meaning yet and is kept as written. What you correct is kept.</source>
        <translation>只导入右表所列内容。可删去误识、选中文字补录漏项；红色尚无对应术语，按原文保留。所作修改随时保存。</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>医案</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>Visit</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Meaning</source>
        <translation>含义</translation>
    </message>
    <message>
        <source>Add the marked words…</source>
        <translation>补录选中文字…</translation>
    </message>
    <message>
        <source>A visit begins here</source>
        <translation>此处为新一诊</translation>
    </message>
    <message>
        <source>Join to the visit before</source>
        <translation>并入上一诊</translation>
    </message>
    <message>
        <source>A case begins here</source>
        <translation>此处为新一案</translation>
    </message>
    <message>
        <source>Join to the case before</source>
        <translation>并入上一案</translation>
    </message>
    <message>
        <source>Not meant</source>
        <translation>非此意，删去</translation>
    </message>
    <message>
        <source>Means something else…</source>
        <translation>另有含义…</translation>
    </message>
    <message>
        <source>Take back the last correction</source>
        <translation>撤销上一处修改</translation>
    </message>
    <message>
        <source>Import these cases</source>
        <translation>导入这些医案</translation>
    </message>
    <message>
        <source>Cases of the document</source>
        <translation>文档中的病案</translation>
    </message>
    <message>
        <source>What was read in the case</source>
        <translation>病案中读出的内容</translation>
    </message>
</context>
<context>
    <name>DraftFacts</name>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>性别</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>年龄</translation>
    </message>
    <message>
        <source>Chief complaint</source>
        <translation>主诉</translation>
    </message>
    <message>
        <source>female</source>
        <translation>女</translation>
    </message>
    <message>
        <source>male</source>
        <translation>男</translation>
    </message>
</context>
<context>
    <name>DraftsDialog</name>
    <message>
        <source>Free-text cases</source>
        <translation>自由文本医案</translation>
    </message>
    <message>
        <source>Read a document…</source>
        <translation>读取文档…</translation>
    </message>
    <message>
        <source>Look through…</source>
        <translation>审阅…</translation>
    </message>
    <message>
        <source>Discard…</source>
        <translation>弃置…</translation>
    </message>
    <message>
        <source>One qian is</source>
        <translation>一钱合</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Word documents and text with 初诊, 二诊 are split into cases and visits and coded. Nothing of them is among the patients until you have looked it through.</source>
        <translation>含初诊、二诊的 Word 文档和文本会拆分为医案与诊次并编码。审阅之前，不会进入患者库。</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>读取时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>已导入</translation>
    </message>
    <message>
        <source>Discard {file}?</source>
        <translation>弃置 {file}？</translation>
    </message>
    <message>
        <source>What was read and corrected is lost; the document itself stays where it is.</source>
        <translation>读取与修改的内容将丢失，文档本身不受影响。</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>弃置</translation>
    </message>
</context>
<context>
    <name>DriversView</name>
    <message>
        <source>Each bar: the state after the last visit with the figure one standard deviation higher, the sign there instead of absent, or the herb given instead of not. This explains the model, not cause and effect.</source>
        <translation>每条：数值高一个标准差、体征由无到有、药由不用到用时，末诊之后该神经元状态的变化。解释描述模型，不等于因果。</translation>
    </message>
    <message>
        <source>What drives a neuron</source>
        <translation>神经元受何驱动</translation>
    </message>
    <message>
        <source>Neuron {name}</source>
        <translation>神经元 {name}</translation>
    </message>
    <message>
        <source>{pace}, median τ {days} days</source>
        <translation>{pace}，τ 中位 {days} 天</translation>
    </message>
    <message>
        <source>Choose a neuron: click its row or its node, or press the up and down keys.</source>
        <translation>请选择一个神经元：点击其所在行或节点，或按上下方向键。</translation>
    </message>
    <message>
        <source>Nothing recorded of this patient moves it noticeably.</source>
        <translation>该患者的记录中没有明显影响它的内容。</translation>
    </message>
    <message>
        <source>slow</source>
        <translation>慢</translation>
    </message>
    <message>
        <source>fast</source>
        <translation>快</translation>
    </message>
    <message>
        <source>middling</source>
        <translation>中速</translation>
    </message>
    <message>
        <source>{name} forgets at a middling pace, in about {days} days.</source>
        <translation>{name} 快慢居中，所受影响约 {days} 天后淡去。</translation>
    </message>
    <message>
        <source>{name} is slow: what it takes in stays for about {days} days.</source>
        <translation>{name} 较慢：所受影响约可保留 {days} 天。</translation>
    </message>
    <message>
        <source>{name} is fast: after about {days} days little of what it took in is left.</source>
        <translation>{name} 较快：所受影响约 {days} 天后所剩无几。</translation>
    </message>
    <message>
        <source>It has risen over the course, from {first} to {last}.</source>
        <translation>随疗程上升，由 {first} 至 {last}。</translation>
    </message>
    <message>
        <source>It has fallen over the course, from {first} to {last}.</source>
        <translation>随疗程下降，由 {first} 至 {last}。</translation>
    </message>
    <message>
        <source>it rises with {parts}</source>
        <translation>随{parts}升高而上升</translation>
    </message>
    <message>
        <source>it falls with {parts}</source>
        <translation>随{parts}升高而下降</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>Here {parts}.</source>
        <translation>就此患者而言，{parts}。</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
</context>
<context>
    <name>EncryptionDialog</name>
    <message>
        <source>The whole file is written anew, which takes a moment; close it elsewhere first. Older backups and copies stay plain.</source>
        <translation>整个文件将重新写入，需要片刻；请先在别处关闭它。旧的备份和副本仍未加密。</translation>
    </message>
    <message>
        <source>Encrypt this file</source>
        <translation>加密此文件</translation>
    </message>
    <message>
        <source>Encrypt</source>
        <translation>加密</translation>
    </message>
    <message>
        <source>The whole file is written anew under another key, which takes a moment; close it elsewhere first. Older backups keep their key and the passphrase of their time.</source>
        <translation>整个文件将用新的密钥重新写入，需要片刻；请先在别处关闭它。旧备份仍用当时的密钥和口令。</translation>
    </message>
    <message>
        <source>New data key</source>
        <translation>更换数据密钥</translation>
    </message>
    <message>
        <source>Encrypt anew</source>
        <translation>重新加密</translation>
    </message>
    <message>
        <source>Make a new recovery code?</source>
        <translation>生成新的恢复码？</translation>
    </message>
    <message>
        <source>The code that was printed before opens the file no more.</source>
        <translation>此前打印的恢复码不能再打开此文件。</translation>
    </message>
    <message>
        <source>Make a new one</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Encryption</source>
        <translation>加密</translation>
    </message>
    <message>
        <source>Give your own passphrase: from now on it opens the file.</source>
        <translation>请输入您自己的口令：今后用它打开此文件。</translation>
    </message>
    <message>
        <source>Encrypted anew. Older backups keep their key and the passphrase of their time.</source>
        <translation>已重新加密。旧备份仍用当时的密钥和口令。</translation>
    </message>
    <message>
        <source>Encrypted. The disk may still hold old pages of the plain file, and older backups and copies are plain: take them away, and encrypt the disk as well.</source>
        <translation>已加密。磁盘上可能仍残留原未加密文件的内容，旧的备份和副本也未加密：请将其移走，并同时给磁盘加密。</translation>
    </message>
    <message>
        <source>These users need a new passphrase from an administrator: {names}</source>
        <translation>以下用户需由管理员重设口令：{names}</translation>
    </message>
</context>
<context>
    <name>ExportChoice</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Tables (CSV) in a new folder, for spreadsheets and statistics</source>
        <translation>表格（CSV），存入新文件夹，供电子表格和统计软件使用</translation>
    </message>
    <message>
        <source>One JSON file, which another clinic can import whole</source>
        <translation>一个 JSON 文件，可完整导入另一病案库</translation>
    </message>
    <message>
        <source>One FHIR R4 bundle, for other programs</source>
        <translation>一个 FHIR R4 文件，供其他程序使用</translation>
    </message>
    <message>
        <source>With names, numbers and dates as they are</source>
        <translation>保留姓名、编号和日期</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>导出到</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>The patients&apos; names, numbers and dates go out. Keep what is written as safe as the records themselves.</source>
        <translation>导出内容含患者姓名、编号和日期。请像病历本身一样妥善保管。</translation>
    </message>
    <message>
        <source>Without names, dates shifted. Free text is cleaned by rules and may still name someone: read it before you give it away.</source>
        <translation>去除姓名并平移日期。自由文本按规则清理，仍可能涉及个人：交出前请先通读。</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Ended by the lock; nothing was written.</source>
        <translation>因锁定而中止；未写入任何内容。</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>{name}: {count} patients</source>
        <translation>{name}：{count} 位患者</translation>
    </message>
    <message>
        <source>Write over {file}?</source>
        <translation>覆盖 {file}？</translation>
    </message>
    <message>
        <source>There is a file of this name already. What it holds would be lost.</source>
        <translation>已有同名文件，其内容将会丢失。</translation>
    </message>
    <message>
        <source>Write over it</source>
        <translation>覆盖</translation>
    </message>
    <message>
        <source>Written: {path}, {count} patients.</source>
        <translation>已写入：{path}，共 {count} 位患者。</translation>
    </message>
    <message>
        <source>Stopped; nothing was written.</source>
        <translation>已停止，未写入任何内容。</translation>
    </message>
    <message>
        <source>The worker ended without a word.</source>
        <translation>后台进程未作说明即已结束。</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>FieldHistoryDialog</name>
    <message>
        <source>History of a field</source>
        <translation>单项修改记录</translation>
    </message>
    <message>
        <source>History of {field}</source>
        <translation>{field}的修改记录</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Act</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Visit</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>原内容</translation>
    </message>
    <message>
        <source>After</source>
        <translation>新内容</translation>
    </message>
    <message>
        <source>Nothing was changed since it was entered or imported.</source>
        <translation>录入或导入后未有修改。</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>All {count}</source>
        <translation>全部 {count}</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>Seen today</source>
        <translation>今日就诊</translation>
    </message>
    <message>
        <source>Worse</source>
        <translation>恶化</translation>
    </message>
    <message>
        <source>Worse than at first</source>
        <translation>较初诊恶化</translation>
    </message>
    <message>
        <source>Unexpected</source>
        <translation>超预期</translation>
    </message>
    <message>
        <source>Last visit beyond the model&apos;s expectation</source>
        <translation>末次就诊超出模型预期</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>钉选</translation>
    </message>
    <message>
        <source>Patients you keep at the top</source>
        <translation>置于列表顶端的患者</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已存</translation>
    </message>
    <message>
        <source>Saved filters</source>
        <translation>已存的筛选</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Clear all filters</source>
        <translation>清除全部筛选</translation>
    </message>
    <message>
        <source>{what}: press to ask for it no longer</source>
        <translation>{what}：按下即取消这一条件</translation>
    </message>
</context>
<context>
    <name>FilterDialog</name>
    <message>
        <source>The first is after the last: nobody can be found so.</source>
        <translation>起始晚于截止，这样找不到任何人。</translation>
    </message>
    <message>
        <source>Filter patients</source>
        <translation>筛选患者</translation>
    </message>
    <message>
        <source>Name, pinyin or initials</source>
        <translation>名称、拼音或首字母</translation>
    </message>
    <message>
        <source>Last visit</source>
        <translation>末次就诊</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>性别</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>年龄</translation>
    </message>
    <message>
        <source>And</source>
        <translation>并且</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>存为</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>已存</translation>
    </message>
    <message>
        <source>at any time</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>between two dates</source>
        <translation>两个日期之间</translation>
    </message>
    <message>
        <source>any</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>from any</source>
        <translation>起始不限</translation>
    </message>
    <message>
        <source>to any</source>
        <translation>截止不限</translation>
    </message>
    <message>
        <source>From</source>
        <translation>自</translation>
    </message>
    <message>
        <source>To</source>
        <translation>至</translation>
    </message>
    <message>
        <source>Worse than at first</source>
        <translation>较初诊恶化</translation>
    </message>
    <message>
        <source>Beyond expectation</source>
        <translation>超出预期</translation>
    </message>
    <message>
        <source>At risk</source>
        <translation>有风险</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>钉选</translation>
    </message>
    <message>
        <source>Name of the filter</source>
        <translation>筛选的名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Saved filters</source>
        <translation>已存的筛选</translation>
    </message>
    <message>
        <source>within {days} days</source>
        <translation>{days} 天内</translation>
    </message>
    <message>
        <source>today</source>
        <translation>今日</translation>
    </message>
</context>
<context>
    <name>FlagEditor</name>
    <message>
        <source>Annotation; Enter keeps it</source>
        <translation>写批注，回车保存</translation>
    </message>
    <message>
        <source>Annotation {place}</source>
        <translation>批注 {place}</translation>
    </message>
</context>
<context>
    <name>ForecastDesk</name>
    <message>
        <source>A forecast needs at least one visit.</source>
        <translation>至少有一次就诊，方可预测。</translation>
    </message>
</context>
<context>
    <name>ForecastPage</name>
    <message>
        <source>Computing the forecast…</source>
        <translation>正在推算…</translation>
    </message>
    <message>
        <source>The forecast could not be computed</source>
        <translation>无法推算预测</translation>
    </message>
    <message>
        <source>A trained network shows here where each variable may go, with its interval.</source>
        <translation>训练好的网络会在这里显示各变量可能的走向及其区间。</translation>
    </message>
</context>
<context>
    <name>ForecastPanel</name>
    <message>
        <source>Forecast</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>What it rests on</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>For reference only; it does not replace a physician&apos;s diagnosis.</source>
        <translation>仅供参考，不替代医师诊断。</translation>
    </message>
    <message>
        <source>if the formula is continued</source>
        <translation>原方续服</translation>
    </message>
    <message>
        <source>There is no model yet. Train one on the cases of this clinic to see where this course may go.</source>
        <translation>还没有模型。用本诊所的病案训练一个，便可看到病程的可能走向。</translation>
    </message>
    <message>
        <source>Train a model</source>
        <translation>训练模型</translation>
    </message>
    <message>
        <source>Computing the forecast…</source>
        <translation>正在推算…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Show fewer</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>Show all {count}</source>
        <translation>显示全部 {count} 项</translation>
    </message>
    <message>
        <source>+{days} days</source>
        <translation>+{days} 天</translation>
    </message>
    <message>
        <source>never recorded in this patient:</source>
        <translation>本例未曾记录：</translation>
    </message>
    <message>
        <source>Model {name}</source>
        <translation>模型 {name}</translation>
    </message>
    <message>
        <source>Learned from {patients} cases, {visits} visits, {days} days at most</source>
        <translation>学自 {patients} 例、{visits} 诊，最长 {days} 天</translation>
    </message>
    <message>
        <source>%: chance that the sign is there, where the visit speaks of it at all</source>
        <translation>百分数：若该诊提及此症，其为“有”的可能</translation>
    </message>
    <message>
        <source>90% interval held {share} of what came</source>
        <translation>90% 区间实测覆盖 {share}</translation>
    </message>
    <message>
        <source>Error {model}; repeating the last value {last}; best simple forecast ({name}) {error}</source>
        <translation>误差 {model}；沿用末次值 {last}；最好的简单预测（{name}）{error}</translation>
    </message>
    <message>
        <source>Error {model}, no better than the best simple forecast ({name}) {error}; last value {last}</source>
        <translation>误差 {model}，不优于最好的简单预测（{name}）{error}；末次值 {last}</translation>
    </message>
    <message>
        <source>Error {gain}% lower than repeating the last value ({held} held-out cases)</source>
        <translation>误差较沿用末次值低 {gain}%（留出 {held} 例）</translation>
    </message>
    <message>
        <source>Does not beat repeating the last value: do not rely on it ({held} held-out cases)</source>
        <translation>不优于沿用末次值，不宜采信（留出 {held} 例）</translation>
    </message>
</context>
<context>
    <name>ForecastView</name>
    <message>
        <source>{n} days</source>
        <translation>{n} 天</translation>
    </message>
    <message>
        <source>Forecast of each variable</source>
        <translation>各变量预测</translation>
    </message>
</context>
<context>
    <name>FormBody</name>
    <message>
        <source>Symptoms</source>
        <translation>症状</translation>
    </message>
    <message>
        <source>Pulse</source>
        <translation>脉</translation>
    </message>
    <message>
        <source>Tongue</source>
        <translation>舌象</translation>
    </message>
    <message>
        <source>Disease and syndrome</source>
        <translation>病与证</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>方剂</translation>
    </message>
    <message>
        <source>Note and outcome</source>
        <translation>附注与疗效</translation>
    </message>
    <message>
        <source>Add a symptom: pinyin initials, such as xt</source>
        <translation>加症状：拼音首字母，如 xt 胁痛</translation>
    </message>
    <message>
        <source>Further sign of the tongue</source>
        <translation>其他舌象</translation>
    </message>
    <message>
        <source>Disease</source>
        <translation>病名</translation>
    </message>
    <message>
        <source>Syndrome</source>
        <translation>证型</translation>
    </message>
    <message>
        <source>Note of this visit</source>
        <translation>本诊附注</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>疗效</translation>
    </message>
    <message>
        <source>No outcome yet</source>
        <translation>疗效未定</translation>
    </message>
    <message>
        <source>copied</source>
        <translation>承前</translation>
    </message>
    <message>
        <source>Laboratory and measurements</source>
        <translation>化验与测量</translation>
    </message>
    <message>
        <source>disease copied</source>
        <translation>病名承前</translation>
    </message>
    <message>
        <source>syndrome copied</source>
        <translation>证候承前</translation>
    </message>
</context>
<context>
    <name>FormulaChoice</name>
    <message>
        <source>← → other formulas</source>
        <translation>← → 换到其他方</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>方药</translation>
    </message>
</context>
<context>
    <name>FormulaField</name>
    <message>
        <source>Goes on with: {names}</source>
        <translation>续用：{names}</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>方药</translation>
    </message>
    <message>
        <source>Formula and changes, such as 酸枣仁汤 去黄连 加百合12</source>
        <translation>方名与加减，如 酸枣仁汤 去黄连 加百合12</translation>
    </message>
    <message>
        <source>Builds on the prescription before</source>
        <translation>据上诊处方</translation>
    </message>
    <message>
        <source>Builds on the formula of the book</source>
        <translation>据原书方</translation>
    </message>
    <message>
        <source>The prescription this visit has</source>
        <translation>本诊原有处方</translation>
    </message>
    <message>
        <source>Not understood: {words}</source>
        <translation>未能读懂：{words}</translation>
    </message>
    <message>
        <source>Not in the formula: {words}</source>
        <translation>方中本无：{words}</translation>
    </message>
    <message>
        <source>Could be meant in two ways: {words}; write 黄芪改30</source>
        <translation>有两种可能：{words}，请写如 黄芪改30</translation>
    </message>
    <message>
        <source>Changes nothing: {words}</source>
        <translation>无变化：{words}</translation>
    </message>
    <message>
        <source>Without a dose: {words}</source>
        <translation>未写剂量：{words}</translation>
    </message>
    <message>
        <source>Reason; by it you sign a second time</source>
        <translation>注明理由，即为再次签名</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>理由</translation>
    </message>
</context>
<context>
    <name>GatePage</name>
    <message>
        <source>User</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>Recovery code</source>
        <translation>恢复码</translation>
    </message>
    <message>
        <source>{name} is locked</source>
        <translation>{name} 已锁定</translation>
    </message>
    <message>
        <source>Open {name}</source>
        <translation>打开 {name}</translation>
    </message>
    <message>
        <source>This clinic has no passphrase; the lock only keeps it out of sight.</source>
        <translation>此病案库未设口令；锁定只是遮住内容。</translation>
    </message>
    <message>
        <source>Type the code that was printed when the clinic file was made; hyphens do not matter.</source>
        <translation>请输入新建病案库时打印的恢复码；连字符可省略。</translation>
    </message>
    <message>
        <source>Who is there? Forgotten passphrases are set anew by an administrator.</source>
        <translation>请输入用户名和口令。忘记口令时，可由管理员重新设置。</translation>
    </message>
    <message>
        <source>The records are encrypted; the passphrase opens them.</source>
        <translation>病历已加密，输入口令即可打开。</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Use the passphrase</source>
        <translation>改用口令</translation>
    </message>
    <message>
        <source>Forgotten: use the recovery code</source>
        <translation>忘记口令：使用恢复码</translation>
    </message>
    <message>
        <source>Remember on this computer</source>
        <translation>在本机记住</translation>
    </message>
</context>
<context>
    <name>GroundsSection</name>
    <message>
        <source>What raises and lowers it</source>
        <translation>推高与压低</translation>
    </message>
    <message>
        <source>Each as if it alone were not known; explains the model, not cause and effect.</source>
        <translation>逐项视为未知后的差别；解释描述模型，不等于因果。</translation>
    </message>
    <message>
        <source>Being worked out…</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>raised by {parts}</source>
        <translation>推高 {parts}</translation>
    </message>
    <message>
        <source>lowered by {parts}</source>
        <translation>压低 {parts}</translation>
    </message>
    <message>
        <source>{variable} in {days} days, {figure}: {parts}</source>
        <translation>{variable} {days} 天后 {figure}：{parts}</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>no single part of the record moves it much</source>
        <translation>没有哪一项记录单独影响明显</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>Guide</name>
    <message>
        <source>Find a patient</source>
        <translation>查找患者</translation>
    </message>
    <message>
        <source>By name, pinyin, initials or number. The line beside each name is the course of the score.</source>
        <translation>可按姓名、拼音、首字母或编号查找。姓名旁的细线为积分走势。</translation>
    </message>
    <message>
        <source>The course</source>
        <translation>病程</translation>
    </message>
    <message>
        <source>Symptoms, pulse, tongue and formulas under one time. The wheel zooms, arrows step by visit.</source>
        <translation>症状、脉象、舌象与方药同列一条时间轴。滚轮缩放，方向键逐诊移动。</translation>
    </message>
    <message>
        <source>A new visit</source>
        <translation>新增诊次</translation>
    </message>
    <message>
        <source>The last visit is copied forward: change what has changed, and save.</source>
        <translation>自动沿用上一诊内容，改动有变化之处，保存即可。</translation>
    </message>
    <message>
        <source>The forecast</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Where this course may go, each figure with its interval, and what it rests on.</source>
        <translation>病程可能的走向：每个数值都附区间，并说明依据。</translation>
    </message>
    <message>
        <source>Everything by a few letters</source>
        <translation>几个字母，找到一切</translation>
    </message>
    <message>
        <source>{keys} finds every command, page and patient: by words, pinyin or initials.</source>
        <translation>按 {keys}，即可用文字、拼音或首字母找到任何命令、页面和患者。</translation>
    </message>
</context>
<context>
    <name>HerbTable</name>
    <message>
        <source>Herbs</source>
        <translation>药物</translation>
    </message>
    <message>
        <source>added</source>
        <translation>加</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>去</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>改</translation>
    </message>
    <message>
        <source>clashes with {herb}</source>
        <translation>与{herb}相反</translation>
    </message>
    <message>
        <source>fears {herb}</source>
        <translation>与{herb}相畏</translation>
    </message>
    <message>
        <source>not in pregnancy</source>
        <translation>妊娠禁用</translation>
    </message>
    <message>
        <source>with caution in pregnancy</source>
        <translation>妊娠慎用</translation>
    </message>
    <message>
        <source>dose above the usual</source>
        <translation>超常用量</translation>
    </message>
    <message>
        <source>dose below the usual</source>
        <translation>低于常用量</translation>
    </message>
    <message>
        <source>no dose by mouth</source>
        <translation>无内服剂量</translation>
    </message>
    <message>
        <source>poisonous</source>
        <translation>有毒</translation>
    </message>
    <message>
        <source>stands twice</source>
        <translation>重复</translation>
    </message>
</context>
<context>
    <name>HistoryDialog</name>
    <message>
        <source>History</source>
        <translation>修改记录</translation>
    </message>
    <message>
        <source>History of {patient}</source>
        <translation>{patient} 的修改记录</translation>
    </message>
    <message>
        <source>Patient and all visits</source>
        <translation>患者及全部诊次</translation>
    </message>
    <message>
        <source>Visit {number}</source>
        <translation>第 {number} 诊</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Act</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Of</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>原内容</translation>
    </message>
    <message>
        <source>After</source>
        <translation>新内容</translation>
    </message>
    <message>
        <source>patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>visit</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>Nothing was changed since it was entered or imported.</source>
        <translation>录入或导入后未有修改。</translation>
    </message>
    <message>
        <source>tag</source>
        <translation>标签</translation>
    </message>
</context>
<context>
    <name>IdleLock</name>
    <message>
        <source>Untouched for a while: the clinic locks in a minute.</source>
        <translation>已有一段时间未操作：病案库将在一分钟后锁定。</translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Ended by the lock; nothing was imported.</source>
        <translation>因锁定而中止；未导入任何内容。</translation>
    </message>
    <message>
        <source>Stopped; nothing was imported.</source>
        <translation>已停止，什么也没有导入。</translation>
    </message>
    <message>
        <source>Save the import report</source>
        <translation>保存导入报告</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>保存报告…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Look through first…</source>
        <translation>先审阅…</translation>
    </message>
    <message numerus="yes">
        <source>%n unknown term(s)…</source>
        <translation>
            <numerusform>%n 个未识别词…</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImportPreview</name>
    <message>
        <source>Encoding</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Sheet</source>
        <translation>工作表</translation>
    </message>
    <message>
        <source>One qian is</source>
        <translation>一钱合</translation>
    </message>
    <message>
        <source>Found: {encoding}</source>
        <translation>识别为 {encoding}</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Long table: one measurement a row</source>
        <translation>长表：每行一项测量</translation>
    </message>
    <message>
        <source>Wide table: one visit a row</source>
        <translation>宽表：每行一次就诊</translation>
    </message>
    <message>
        <source>Case book: one case a line</source>
        <translation>医案集：每行一案</translation>
    </message>
    <message>
        <source>Symptoms, tongue, pulse and herbs are read from the text of every visit. What is not recognised is kept as written and listed after the import.</source>
        <translation>症状、舌、脉、方药从各诊原文中识别；未能识别的按原文保留，并在导入后逐条列出。</translation>
    </message>
    <message>
        <source>The encoding is a guess: if the words below look wrong, choose another.</source>
        <translation>编码为推测：若下面文字不对，请另选。</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Chapter</source>
        <translation>门类</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>First visit</source>
        <translation>首诊</translation>
    </message>
</context>
<context>
    <name>ImportResult</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Column</source>
        <translation>列</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Imported</source>
        <translation>导入完成</translation>
    </message>
    <message>
        <source>Nothing was imported</source>
        <translation>没有导入任何内容</translation>
    </message>
    <message>
        <source>rows read</source>
        <translation>读取行</translation>
    </message>
    <message>
        <source>rows accepted</source>
        <translation>接受行</translation>
    </message>
    <message>
        <source>patients</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>visits</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>rows refused</source>
        <translation>拒绝行</translation>
    </message>
    <message>
        <source>visits with a coded symptom</source>
        <translation>诊次有已编码症状</translation>
    </message>
    <message>
        <source>pulse terms coded</source>
        <translation>脉象已编码</translation>
    </message>
    <message>
        <source>herbs recognised</source>
        <translation>药味已识别</translation>
    </message>
    <message>
        <source>Nothing was refused.</source>
        <translation>没有被拒绝的内容。</translation>
    </message>
    <message>
        <source>The first {shown} of {count} refusals; the saved report lists all</source>
        <translation>被拒绝 {count} 项，此处列前 {shown} 项；保存的报告列出全部</translation>
    </message>
    <message>
        <source>Refused: {count}</source>
        <translation>被拒绝：{count}</translation>
    </message>
    <message>
        <source>Every row was taken; kept as written, because not recognised: {count}</source>
        <translation>各行均已接受；未能识别、按原文保留的：{count} 处</translation>
    </message>
    <message>
        <source>visit {number}</source>
        <translation>第 {number} 诊</translation>
    </message>
    <message>
        <source>herb {number}</source>
        <translation>药 {number}</translation>
    </message>
</context>
<context>
    <name>ImportsDialog</name>
    <message>
        <source>Imports</source>
        <translation>导入记录</translation>
    </message>
    <message>
        <source>Take this import back…</source>
        <translation>撤销此次导入…</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Patients</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Visits</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>Nothing was imported into this clinic yet.</source>
        <translation>此病案库还没有导入过文件。</translation>
    </message>
    <message>
        <source>Take back the import of {files}?</source>
        <translation>撤销对 {files} 的导入？</translation>
    </message>
    <message>
        <source>What came with it goes out again, and what it changed becomes as it was before. To have it back, import the files again.</source>
        <translation>随之而来的内容将移除，被它修改的内容恢复原样。需要时可重新导入这些文件。</translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation>撤销导入</translation>
    </message>
</context>
<context>
    <name>LabBoard</name>
    <message>
        <source>Add a measured value</source>
        <translation>加化验或测量值</translation>
    </message>
    <message>
        <source>Add a measured value, such as ALT U/L</source>
        <translation>加化验或测量值，如 谷丙转氨酶 U/L</translation>
    </message>
</context>
<context>
    <name>LabRow</name>
    <message>
        <source>last {value}</source>
        <translation>上次 {value}</translation>
    </message>
    <message>
        <source>Far from the last value: is the point where it should be?</source>
        <translation>与上次相差悬殊，请核对小数点。</translation>
    </message>
    <message>
        <source>empty: not measured</source>
        <translation>空：本诊未测</translation>
    </message>
</context>
<context>
    <name>LaneMenu</name>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Scores as steps</source>
        <translation>积分画成阶梯线</translation>
    </message>
    <message>
        <source>Pulse as eight axes</source>
        <translation>脉象按八维显示</translation>
    </message>
    <message>
        <source>Annotate here…</source>
        <translation>在此批注…</translation>
    </message>
    <message>
        <source>Change the annotation…</source>
        <translation>修改批注…</translation>
    </message>
    <message>
        <source>Take the annotation out</source>
        <translation>删除批注</translation>
    </message>
    <message>
        <source>Measure from here</source>
        <translation>从此诊起比较</translation>
    </message>
    <message>
        <source>Standard layout</source>
        <translation>默认布局</translation>
    </message>
    <message>
        <source>Keep this layout…</source>
        <translation>保存当前布局…</translation>
    </message>
    <message>
        <source>Forget a layout</source>
        <translation>删除布局</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>Pin at the top: {lane}</source>
        <translation>固定在上方：{lane}</translation>
    </message>
</context>
<context>
    <name>LayoutDialog</name>
    <message>
        <source>There is a layout of this name; it is replaced.</source>
        <translation>已有同名布局，将被替换。</translation>
    </message>
    <message>
        <source>Order, hidden and pinned lanes are kept.</source>
        <translation>保存泳道的次序、隐藏与固定状态。</translation>
    </message>
    <message>
        <source>Keep this layout</source>
        <translation>保存当前布局</translation>
    </message>
    <message>
        <source>Name of the layout</source>
        <translation>布局名称</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>LookalikesDialog</name>
    <message>
        <source>Patients who look alike</source>
        <translation>疑似同一人的患者</translation>
    </message>
    <message>
        <source>Keep the left one, take the right one in</source>
        <translation>保留左侧，并入右侧</translation>
    </message>
    <message>
        <source>Keep the right one, take the left one in</source>
        <translation>保留右侧，并入左侧</translation>
    </message>
    <message>
        <source>Different people</source>
        <translation>不是同一人</translation>
    </message>
    <message>
        <source>First</source>
        <translation>患者一</translation>
    </message>
    <message>
        <source>Second</source>
        <translation>患者二</translation>
    </message>
    <message>
        <source>Likeness</source>
        <translation>相近度</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左侧</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右侧</translation>
    </message>
    <message>
        <source>same name</source>
        <translation>姓名相同</translation>
    </message>
    <message>
        <source>name sounds alike</source>
        <translation>姓名读音相近</translation>
    </message>
    <message>
        <source>same birth date</source>
        <translation>出生日期相同</translation>
    </message>
    <message>
        <source>birth dates but one slip apart</source>
        <translation>出生日期只差一处笔误</translation>
    </message>
    <message>
        <source>age agrees</source>
        <translation>年龄相符</translation>
    </message>
    <message>
        <source>same sex</source>
        <translation>性别相同</translation>
    </message>
    <message>
        <source>numbers nearly the same</source>
        <translation>病历号几乎相同</translation>
    </message>
    <message>
        <source>same complaint</source>
        <translation>主诉相同</translation>
    </message>
    <message>
        <source>Two records become one: the visits of both in their order, empty fields filled from the other.</source>
        <translation>两份病历合为一份：双方诊次按先后排列，空白项目由另一份补上。</translation>
    </message>
    <message>
        <source>Nobody looks alike: no two patients have names and other data that agree.</source>
        <translation>没有疑似同一人的患者：没有两位患者的姓名与其他资料相符。</translation>
    </message>
    <message>
        <source>{other} is part of {patient} now. Edit &gt; Undo takes it back.</source>
        <translation>{other} 已并入 {patient}。可用“编辑 &gt; 撤销”恢复。</translation>
    </message>
    <message>
        <source>{other} and {patient} are different people; they are not proposed again.</source>
        <translation>{other} 与 {patient} 不是同一人，以后不再提示。</translation>
    </message>
    <message>
        <source>Are {first} and {second} one person?</source>
        <translation>{first} 与 {second} 是同一人吗？</translation>
    </message>
    <message>
        <source>visits</source>
        <translation>诊次数</translation>
    </message>
    <message>
        <source>first visit</source>
        <translation>初诊</translation>
    </message>
    <message>
        <source>last visit</source>
        <translation>末诊</translation>
    </message>
    <message>
        <source>last formula</source>
        <translation>末次方药</translation>
    </message>
    <message>
        <source>The two side by side</source>
        <translation>两份病历对照</translation>
    </message>
</context>
<context>
    <name>LossPlot</name>
    <message>
        <source>Loss by epoch</source>
        <translation>各轮损失</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>validation</source>
        <translation>验证</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>The picture is on the clipboard.</source>
        <translation>图片已复制到剪贴板。</translation>
    </message>
    <message>
        <source>Mailiu</source>
        <translation>脉流</translation>
    </message>
</context>
<context>
    <name>ModelChoice</name>
    <message>
        <source>No model is preferred any more. One from elsewhere has to be chosen by hand.</source>
        <translation>已取消指定。外来的模型须手动指定，目前没有模型用于预测。</translation>
    </message>
    <message>
        <source>The model is chosen automatically from now on: {name} forecasts.</source>
        <translation>今后自动选用模型：现由 {name} 预测。</translation>
    </message>
    <message>
        <source>{name} forecasts from now on.</source>
        <translation>今后由 {name} 预测。</translation>
    </message>
</context>
<context>
    <name>ModelPage</name>
    <message>
        <source>No patient is chosen</source>
        <translation>尚未选择患者</translation>
    </message>
    <message>
        <source>There is no model yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>Choose a patient in the list at the left.</source>
        <translation>请在左侧列表中选择患者。</translation>
    </message>
    <message>
        <source>Train a model</source>
        <translation>训练模型</translation>
    </message>
</context>
<context>
    <name>NewClinicDialog</name>
    <message>
        <source>New clinic file</source>
        <translation>新建病案库</translation>
    </message>
    <message>
        <source>Clinic file</source>
        <translation>病案库文件</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Encrypted (recommended)</source>
        <translation>加密（推荐）</translation>
    </message>
    <message>
        <source>Not encrypted</source>
        <translation>不加密</translation>
    </message>
    <message>
        <source>Whoever gets hold of the file, a copy or a backup of it, or of this computer&apos;s disk, can read every record. Choose this only for records without real people in them, or on a disk that is encrypted.</source>
        <translation>任何人拿到该文件、其副本或备份，或拿到本机硬盘，都能读取全部病历。仅当病历不涉及真实患者，或硬盘本身已加密时才选择此项。</translation>
    </message>
    <message>
        <source>I know, and want it so</source>
        <translation>我已了解，仍要这样做</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Make the clinic file</source>
        <translation>建立病案库</translation>
    </message>
    <message>
        <source>Clinic file (*.db)</source>
        <translation>病案库 (*.db)</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Notice</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Something unexpected went wrong: {what}</source>
        <translation>发生意外错误：{what}</translation>
    </message>
    <message>
        <source>Nothing was changed. An administrator gives and takes roles in the list of users.</source>
        <translation>未作任何改动。角色由管理员在用户列表中分配。</translation>
    </message>
    <message>
        <source>Nothing was overwritten. The patient&apos;s history shows who changed what; look at it, then decide.</source>
        <translation>未覆盖任何内容。患者的修改记录可查看何人改了什么；请看过后再决定。</translation>
    </message>
    <message>
        <source>Changed: {fields}</source>
        <translation>已修改：{fields}</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭此提示</translation>
    </message>
    <message>
        <source>Please note</source>
        <translation>请注意</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
</context>
<context>
    <name>NoticeList</name>
    <message>
        <source>Notices</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Notices, the newest first</source>
        <translation>通知，新者在前</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>详情…</translation>
    </message>
    <message>
        <source>Nothing was told yet.</source>
        <translation>尚无通知。</translation>
    </message>
</context>
<context>
    <name>Office</name>
    <message>
        <source>The new passphrase counts from now on.</source>
        <translation>新口令即刻生效。</translation>
    </message>
</context>
<context>
    <name>OpenDialog</name>
    <message>
        <source>Open clinic</source>
        <translation>打开病案库</translation>
    </message>
    <message>
        <source>Clinic file (*.db);;All files (*)</source>
        <translation>病案库 (*.db);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Clinic file, or address of a clinic on a server</source>
        <translation>病案库文件，或服务器上病案库的地址</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>On a server (PostgreSQL): postgresql://user@host/database</source>
        <translation>服务器（PostgreSQL）：postgresql://用户@主机/数据库</translation>
    </message>
</context>
<context>
    <name>OtherChoice</name>
    <message>
        <source>← → visit</source>
        <translation>← → 移动诊次</translation>
    </message>
    <message>
        <source>Other patient: name, pinyin, number</source>
        <translation>另一患者：姓名、拼音、病历号</translation>
    </message>
    <message>
        <source>Search another patient</source>
        <translation>搜索另一患者</translation>
    </message>
    <message>
        <source>Visit of this patient</source>
        <translation>本患者诊次</translation>
    </message>
    <message>
        <source>Aligned by</source>
        <translation>对齐方式</translation>
    </message>
    <message>
        <source>aligned by</source>
        <translation>对齐按</translation>
    </message>
</context>
<context>
    <name>OverviewBar</name>
    <message>
        <source>Whole course, with the part in view</source>
        <translation>全病程与当前所见部分</translation>
    </message>
</context>
<context>
    <name>PackSheet</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>A later version of a pack bears the same name and takes its place.</source>
        <translation>术语包的新版本沿用原名称，并取代旧版本。</translation>
    </message>
    <message>
        <source>Load this pack</source>
        <translation>载入此术语包</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Why {file} cannot be loaded</source>
        <translation>{file} 无法载入的原因</translation>
    </message>
    <message>
        <source>What {file} would change</source>
        <translation>载入 {file} 会有哪些变化</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>没有改动任何内容。</translation>
    </message>
</context>
<context>
    <name>PalettePanel</name>
    <message>
        <source>Commands and patients</source>
        <translation>命令与患者</translation>
    </message>
    <message>
        <source>A command, a page or a patient: words, pinyin or initials</source>
        <translation>命令、页面或患者：文字、拼音或首字母</translation>
    </message>
    <message>
        <source>Find a command or a patient</source>
        <translation>查找命令或患者</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>查找结果</translation>
    </message>
    <message>
        <source>Nothing is called so. Try fewer letters, or initials.</source>
        <translation>没有这样的名称。可少输几个字，或只输首字母。</translation>
    </message>
</context>
<context>
    <name>PassphraseFields</name>
    <message>
        <source>Passphrase</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>再输一次</translation>
    </message>
    <message>
        <source>Show what is typed</source>
        <translation>显示输入内容</translation>
    </message>
    <message>
        <source>Several words that do not belong together are easy to keep and hard to guess.</source>
        <translation>几个互不相关的词连在一起，好记而难猜。</translation>
    </message>
    <message>
        <source>Too short: at least {n} characters.</source>
        <translation>太短：至少 {n} 个字符。</translation>
    </message>
    <message>
        <source>The two are not the same.</source>
        <translation>两次输入不一致。</translation>
    </message>
    <message>
        <source>Weak: guessed soon. Make it longer, or less usual.</source>
        <translation>弱：很快会被猜中。请加长，或换成不常见的。</translation>
    </message>
    <message>
        <source>Fair: keeps the curious out. A few more words would make it good.</source>
        <translation>中：可防旁人窥看，再加几个词会更好。</translation>
    </message>
    <message>
        <source>Good: years of guessing.</source>
        <translation>良：需多年才能猜中。</translation>
    </message>
    <message>
        <source>Strong.</source>
        <translation>强。</translation>
    </message>
</context>
<context>
    <name>PassphraseForm</name>
    <message>
        <source>Passphrase</source>
        <translation>口令</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>PathView</name>
    <message>
        <source>two main directions; faint: similar courses</source>
        <translation>二维投影，淡线为相似病程</translation>
    </message>
    <message>
        <source>{share} of the variation; faint: similar courses</source>
        <translation>二维投影（占变异 {share}），淡线为相似病程</translation>
    </message>
    <message>
        <source>Path of the state</source>
        <translation>状态路径</translation>
    </message>
    <message>
        <source>first visit</source>
        <translation>首诊</translation>
    </message>
    <message>
        <source>last visit</source>
        <translation>末诊</translation>
    </message>
</context>
<context>
    <name>PatientForm</name>
    <message>
        <source>New patient</source>
        <translation>新患者</translation>
    </message>
    <message>
        <source>Data of the patient</source>
        <translation>患者资料</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>病历号</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>性别</translation>
    </message>
    <message>
        <source>Born</source>
        <translation>出生日期</translation>
    </message>
    <message>
        <source>Age at the first visit</source>
        <translation>首诊年龄</translation>
    </message>
    <message>
        <source>Chief complaint</source>
        <translation>主诉</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>not given</source>
        <translation>未填</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>不详</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>There is a patient of this name: {codes}</source>
        <translation>已有同名患者：{codes}</translation>
    </message>
</context>
<context>
    <name>PatientList</name>
    <message>
        <source>Unpin</source>
        <translation>取消钉选</translation>
    </message>
    <message>
        <source>Pin to the top</source>
        <translation>钉在顶端</translation>
    </message>
    <message>
        <source>Tag…</source>
        <translation>标签…</translation>
    </message>
    <message>
        <source>Take off the tag {tag}</source>
        <translation>去掉标签“{tag}”</translation>
    </message>
</context>
<context>
    <name>PatientModel</name>
    <message>
        <source>pinned</source>
        <translation>钉选</translation>
    </message>
</context>
<context>
    <name>PatientPanel</name>
    <message>
        <source>Search patients</source>
        <translation>查找患者</translation>
    </message>
    <message>
        <source>Patients</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>No patient found</source>
        <translation>没有找到患者</translation>
    </message>
    <message>
        <source>{count} found</source>
        <translation>找到 {count} 位</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在查找…</translation>
    </message>
    <message>
        <source>The latest visit first</source>
        <translation>按末次就诊排序</translation>
    </message>
    <message>
        <source>Name or number</source>
        <translation>姓名、拼音、编号</translation>
    </message>
</context>
<context>
    <name>PatientRowDelegate</name>
    <message>
        <source>Last visit {date}</source>
        <translation>末次就诊 {date}</translation>
    </message>
    <message numerus="yes">
        <source>%n visit(s), no dates</source>
        <translation>
            <numerusform>%n 诊，无日期</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PhotoStrip</name>
    <message numerus="yes">
        <source>%n picture(s) of the tongue</source>
        <translation>
            <numerusform>舌象图片 %n 张</numerusform>
        </translation>
    </message>
    <message>
        <source>Enter: choose files or look; Delete: take out</source>
        <translation>回车：选择文件或查看；Delete：移除</translation>
    </message>
    <message>
        <source>Pictures of the tongue</source>
        <translation>舌象图片</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Tongue</source>
        <translation>舌象</translation>
    </message>
    <message>
        <source>Drop pictures of the tongue here, or click</source>
        <translation>拖入舌象照片，或点击选择</translation>
    </message>
</context>
<context>
    <name>Picture</name>
    <message>
        <source>Visit {number}</source>
        <translation>第 {number} 诊</translation>
    </message>
</context>
<context>
    <name>Printing</name>
    <message>
        <source>This patient has no prescription to print yet.</source>
        <translation>该患者尚无可打印的处方。</translation>
    </message>
    <message>
        <source>This visit has no prescription.</source>
        <translation>本诊没有处方。</translation>
    </message>
    <message>
        <source>Prescription sheet</source>
        <translation>处方笺</translation>
    </message>
    <message>
        <source>The prescription went to the printer.</source>
        <translation>处方已送打印机。</translation>
    </message>
    <message>
        <source>Size of the preview</source>
        <translation>预览缩放</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>页码</translation>
    </message>
</context>
<context>
    <name>PulseBoard</name>
    <message>
        <source>Pulse in words</source>
        <translation>脉象文字</translation>
    </message>
    <message>
        <source>Pulse at {places}</source>
        <translation>{places} 脉象</translation>
    </message>
    <message>
        <source>Pulse, such as 弦滑数, or 左弦细 右滑数</source>
        <translation>脉象，如 弦滑数，或 左弦细 右滑数</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Patients</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>Trajectory</source>
        <translation>轨迹</translation>
    </message>
    <message>
        <source>Forecast</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对照</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
</context>
<context>
    <name>RecentClinics</name>
    <message>
        <source>Recent clinics</source>
        <translation>最近打开的病案库</translation>
    </message>
    <message>
        <source>{name} (missing)</source>
        <translation>{name}（找不到）</translation>
    </message>
    <message>
        <source>None yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <source>Remove what is missing from the list</source>
        <translation>从列表中移除找不到的</translation>
    </message>
</context>
<context>
    <name>RecentList</name>
    <message>
        <source>Recent clinics</source>
        <translation>最近打开的病案库</translation>
    </message>
    <message>
        <source>Clinic</source>
        <translation>病案库</translation>
    </message>
    <message>
        <source>Where it lies</source>
        <translation>所在位置</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Remove from list</source>
        <translation>从列表中移除</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>找不到</translation>
    </message>
</context>
<context>
    <name>Records</name>
    <message>
        <source>Take back: {what}?</source>
        <translation>撤销：{what}？</translation>
    </message>
    <message>
        <source>All that came with this import goes out again. To have it back, import the files again.</source>
        <translation>此次导入的内容将全部移除。需要时可重新导入这些文件。</translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation>撤销导入</translation>
    </message>
    <message>
        <source>Taken back: {what}</source>
        <translation>已撤销：{what}</translation>
    </message>
    <message>
        <source>Done again: {what}</source>
        <translation>已重做：{what}</translation>
    </message>
</context>
<context>
    <name>RecoverySheet</name>
    <message>
        <source>Copied. Paste it where only you can read it.</source>
        <translation>已复制。请粘贴到只有您能看到的地方。</translation>
    </message>
    <message>
        <source>Recovery code of {name}</source>
        <translation>{name} 的恢复码</translation>
    </message>
    <message>
        <source>Recovery code</source>
        <translation>恢复码</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Print…</source>
        <translation>打印…</translation>
    </message>
    <message>
        <source>I have kept it</source>
        <translation>我已妥善保存</translation>
    </message>
    <message>
        <source>With this code the clinic file opens when the passphrase is lost; without both nobody can open it. Keep it apart from the computer. It is shown only now.</source>
        <translation>忘记口令时，凭此码可打开病案库；两者都丢失则无人能够打开。请与电脑分开保管。此码只在此刻显示一次。</translation>
    </message>
    <message>
        <source>Sent to the printer.</source>
        <translation>已送往打印机。</translation>
    </message>
</context>
<context>
    <name>ReportWriter</name>
    <message>
        <source>The report could not be written (code {code}).</source>
        <translation>报告未能写出（代码 {code}）。</translation>
    </message>
</context>
<context>
    <name>ReviewDialog</name>
    <message>
        <source>Unknown terms</source>
        <translation>未识别词</translation>
    </message>
    <message>
        <source>It means this</source>
        <translation>即为此义</translation>
    </message>
    <message>
        <source>Keep as written</source>
        <translation>保留原文</translation>
    </message>
    <message>
        <source>What is coded here is learned: later imports know it, and what is stored is coded, too.</source>
        <translation>在此编码后即被记住：以后导入会自动识别，已保存的内容也一并编码。</translation>
    </message>
    <message>
        <source>Term</source>
        <translation>词语</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Times</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>First met at</source>
        <translation>首见于</translation>
    </message>
    <message>
        <source>Meaning</source>
        <translation>含义</translation>
    </message>
    <message>
        <source>Found by</source>
        <translation>匹配词</translation>
    </message>
    <message>
        <source>Likeness</source>
        <translation>相近度</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>依据</translation>
    </message>
    <message>
        <source>Nothing is waiting: every term of the imports is known or was decided on.</source>
        <translation>没有待处理的词：导入的词都已识别或已作决定。</translation>
    </message>
    <message>
        <source>What is meant by {term}?</source>
        <translation>“{term}”是指什么？</translation>
    </message>
    <message>
        <source>What the term may mean</source>
        <translation>该术语可能的含义</translation>
    </message>
</context>
<context>
    <name>RiskSection</name>
    <message>
        <source>What may come</source>
        <translation>可能发生</translation>
    </message>
    <message>
        <source>The chance that it has come by then, of what this clinic&apos;s records tell of</source>
        <translation>本库病历所载各类事件届时已发生的概率</translation>
    </message>
    <message>
        <source>+{days} days</source>
        <translation>+{days} 天</translation>
    </message>
</context>
<context>
    <name>SavedCard</name>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Print the prescription</source>
        <translation>打印处方</translation>
    </message>
    <message>
        <source>Visit {number} is saved</source>
        <translation>第 {number} 诊已保存</translation>
    </message>
    <message>
        <source>Expected {days} days on, before and now</source>
        <translation>{days} 天后预期：保存前与现在</translation>
    </message>
    <message>
        <source>The forecast with this visit follows as soon as a model is in use.</source>
        <translation>启用模型后，此处显示纳入本诊的预测。</translation>
    </message>
    <message>
        <source>For reference only; it does not replace a physician&apos;s diagnosis.</source>
        <translation>仅供参考，不替代医师诊断。</translation>
    </message>
</context>
<context>
    <name>ScoreRow</name>
    <message>
        <source>not asked</source>
        <translation>未问</translation>
    </message>
    <message>
        <source>Number keys: {steps}; Delete: not asked</source>
        <translation>数字键：{steps}；Delete：未问</translation>
    </message>
    <message>
        <source>no</source>
        <translation>无</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>有</translation>
    </message>
    <message>
        <source>main</source>
        <translation>主症</translation>
    </message>
    <message>
        <source>secondary</source>
        <translation>次症</translation>
    </message>
    <message>
        <source>copied</source>
        <translation>承前</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Lock the clinic when nobody touches it for</source>
        <translation>无操作多久后锁定</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n 分钟</numerusform>
        </translation>
    </message>
    <message>
        <source>Whoever comes to this computer while you are away can read and change every record.</source>
        <translation>您离开时，任何来到这台电脑前的人都能查看和修改全部病历。</translation>
    </message>
    <message>
        <source>Locked, no record can be read until the passphrase is given; training goes on afterwards. A clinic file without a passphrase is not locked by itself.</source>
        <translation>锁定后须输入口令才能查看病历，训练随后继续。未设口令的病案库不会自动锁定。</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Search: words, pinyin or initials, or the keys</source>
        <translation>搜索：文字、拼音、首字母，或按键</translation>
    </message>
    <message>
        <source>Search commands</source>
        <translation>搜索命令</translation>
    </message>
    <message>
        <source>Commands and their keys</source>
        <translation>命令及其按键</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Set by</source>
        <translation>设定</translation>
    </message>
    <message>
        <source>New keys: press them</source>
        <translation>新按键：请直接按下</translation>
    </message>
    <message>
        <source>Press the keys</source>
        <translation>请按下按键</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>设定</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Set back</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Set all back</source>
        <translation>全部恢复</translation>
    </message>
    <message>
        <source>you</source>
        <translation>自定</translation>
    </message>
    <message>
        <source>That key types a character. Hold Ctrl or Alt with it, or take F1 to F12.</source>
        <translation>此键用于输入文字。请同时按住 Ctrl 或 Alt，或改用 F1 至 F12。</translation>
    </message>
    <message>
        <source>These keys move, edit or answer everywhere. Choose others.</source>
        <translation>这些按键处处用于移动、编辑或确认，请另选。</translation>
    </message>
    <message>
        <source>These keys open a menu. Choose others.</source>
        <translation>这些按键用于打开菜单，请另选。</translation>
    </message>
    <message>
        <source>“{command}” has these keys. Choose others, or clear them there first.</source>
        <translation>“{command}”已用这些按键。请另选，或先在该命令处清除。</translation>
    </message>
    <message>
        <source>The keys of “{command}” begin alike. Choose others.</source>
        <translation>与“{command}”的按键开头相同，请另选。</translation>
    </message>
</context>
<context>
    <name>SimilarSection</name>
    <message>
        <source>Similar courses</source>
        <translation>相似病程</translation>
    </message>
    <message>
        <source>Being compared…</source>
        <translation>正在比较…</translation>
    </message>
    <message>
        <source>There is no other course to compare with yet.</source>
        <translation>尚无其他病程可供比较。</translation>
    </message>
    <message numerus="yes">
        <source>nearest in the network&apos;s state, of %n course(s)</source>
        <translation>
            <numerusform>按网络状态，在 %n 例中最近</numerusform>
        </translation>
    </message>
    <message>
        <source>{days} days</source>
        <translation>{days} 天</translation>
    </message>
</context>
<context>
    <name>SinceLast</name>
    <message>
        <source>Since the last forecast</source>
        <translation>上次预测之后</translation>
    </message>
    <message numerus="yes">
        <source>%n more value(s) beyond expectation</source>
        <translation>
            <numerusform>另有 %n 项超出预期</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing was forecast before the first visit; the next one will tell.</source>
        <translation>初诊之前没有预测，下次复诊后再作对照。</translation>
    </message>
    <message numerus="yes">
        <source>%n other value(s) as expected</source>
        <translation>
            <numerusform>其余 %n 项在预期之内</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n value(s), all inside the 90% interval of the forecast before</source>
        <translation>
            <numerusform>%n 项均在此前预测的 90% 区间之内</numerusform>
        </translation>
    </message>
    <message>
        <source>{what}: present, which had a chance of {chance}</source>
        <translation>{what}：有，此前预计可能性 {chance}</translation>
    </message>
    <message>
        <source>{what}: absent, which had a chance of {chance}</source>
        <translation>{what}：无，此前预计可能性 {chance}</translation>
    </message>
    <message>
        <source>{what}: {level}, which had a chance of {chance}</source>
        <translation>{what}：{level}，此前预计可能性 {chance}</translation>
    </message>
    <message>
        <source>scored {value}</source>
        <translation>{value} 分</translation>
    </message>
    <message>
        <source>{what} {figure}, above the expected {interval} (chance of so much {chance})</source>
        <translation>{what} {figure}，高于预期 {interval}（可能性 {chance}）</translation>
    </message>
    <message>
        <source>{what} {figure}, below the expected {interval} (chance of so little {chance})</source>
        <translation>{what} {figure}，低于预期 {interval}（可能性 {chance}）</translation>
    </message>
    <message>
        <source>Being compared…</source>
        <translation>正在比较…</translation>
    </message>
</context>
<context>
    <name>Standing</name>
    <message>
        <source>No model forecasts in this clinic yet. Train one first.</source>
        <translation>本病案库尚无可用的预测模型，请先训练一个。</translation>
    </message>
    <message>
        <source>Looking for patients beyond expectation…</source>
        <translation>正在查找超出预期的患者…</translation>
    </message>
    <message>
        <source>Looked at {done} of {total} patients</source>
        <translation>已看 {done} / {total} 位患者</translation>
    </message>
    <message>
        <source>The model has looked at {count} patients.</source>
        <translation>模型已看过 {count} 位患者。</translation>
    </message>
    <message>
        <source>The worker ended without a word.</source>
        <translation>后台进程未作说明即已结束。</translation>
    </message>
</context>
<context>
    <name>StateSection</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message numerus="yes">
        <source>%n neuron(s) along time</source>
        <translation>
            <numerusform>%n 个神经元 × 时间</numerusform>
        </translation>
    </message>
    <message>
        <source>{kind} neuron {name} (τ about {days} days) fell most; driven by {inputs}</source>
        <translation>{kind}神经元 {name}（τ 约 {days} 天）下降最多：受{inputs}影响</translation>
    </message>
    <message>
        <source>{kind} neuron {name} (τ about {days} days) rose most; driven by {inputs}</source>
        <translation>{kind}神经元 {name}（τ 约 {days} 天）上升最多：受{inputs}影响</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>StateView</name>
    <message>
        <source>Being worked out…</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>Being compared…</source>
        <translation>正在比较…</translation>
    </message>
    <message>
        <source>This kind of network has no wiring to show.</source>
        <translation>这类网络没有可显示的连接。</translation>
    </message>
    <message>
        <source>There are too few courses to draw a plane of their states.</source>
        <translation>病例太少，无法绘出状态平面。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Play the course along time</source>
        <translation>沿时间播放病程</translation>
    </message>
    <message>
        <source>Space plays · ↑ ↓ neuron · ← → visit</source>
        <translation>空格播放 · ↑ ↓ 选神经元 · ← → 逐诊</translation>
    </message>
    <message>
        <source>State of the network</source>
        <translation>网络状态</translation>
    </message>
</context>
<context>
    <name>Steps</name>
    <message>
        <source>Previous</source>
        <translation>前一个</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>后一个</translation>
    </message>
</context>
<context>
    <name>TagStrip</name>
    <message>
        <source>Tag {tag}; Del takes it off</source>
        <translation>标签“{tag}”，按 Del 去掉</translation>
    </message>
    <message>
        <source>Tags of {name}</source>
        <translation>{name} 的标签</translation>
    </message>
    <message>
        <source>Another tag</source>
        <translation>添加标签</translation>
    </message>
</context>
<context>
    <name>TermDialog</name>
    <message>
        <source>Meaning</source>
        <translation>含义</translation>
    </message>
    <message>
        <source>What is meant by {term}?</source>
        <translation>“{term}”是指什么？</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>检索</translation>
    </message>
    <message>
        <source>Dose</source>
        <translation>剂量</translation>
    </message>
    <message>
        <source>Found by</source>
        <translation>匹配依据</translation>
    </message>
    <message>
        <source>Likeness</source>
        <translation>相似度</translation>
    </message>
    <message>
        <source>Denied, or taken out</source>
        <translation>否定，或已去除</translation>
    </message>
    <message>
        <source>It means this</source>
        <translation>就是它</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>What the term may mean</source>
        <translation>该术语可能的含义</translation>
    </message>
</context>
<context>
    <name>TimeAxis</name>
    <message>
        <source>Visit {n}</source>
        <translation>第 {n} 诊</translation>
    </message>
    <message>
        <source>Day {n}</source>
        <translation>第 {n} 天</translation>
    </message>
    <message>
        <source>by visit order</source>
        <translation>按诊次</translation>
    </message>
    <message>
        <source>by day</source>
        <translation>按天</translation>
    </message>
    <message>
        <source>year {years}</source>
        <translation>{years}年</translation>
    </message>
    <message>
        <source>by visit number</source>
        <translation>按诊次</translation>
    </message>
</context>
<context>
    <name>TimelineAlmanac</name>
    <message>
        <source>{term} + {n} days</source>
        <translation>{term}后 {n} 日</translation>
    </message>
</context>
<context>
    <name>TimelineDesk</name>
    <message>
        <source>Layout kept: {name}</source>
        <translation>布局已保存：{name}</translation>
    </message>
</context>
<context>
    <name>TimelineHeader</name>
    <message>
        <source>first visit</source>
        <translation>首诊</translation>
    </message>
    <message>
        <source>last visit</source>
        <translation>末诊</translation>
    </message>
    <message>
        <source>today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>+{n} days</source>
        <translation>+{n} 天</translation>
    </message>
    <message>
        <source>{n} days without a visit</source>
        <translation>{n} 天未就诊</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} 天</translation>
    </message>
</context>
<context>
    <name>TimelineLanes</name>
    <message>
        <source>not recorded</source>
        <translation>未记录</translation>
    </message>
    <message>
        <source>Laboratory</source>
        <translation>检验</translation>
    </message>
    <message>
        <source>+{n} more</source>
        <translation>另 {n} 项</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>附注</translation>
    </message>
    <message>
        <source>Pulse</source>
        <translation>脉象</translation>
    </message>
    <message>
        <source>red: rapid
blue: slow
narrow: thready</source>
        <translation>红：数
蓝：迟
窄：细</translation>
    </message>
    <message>
        <source>red: more
blue: less</source>
        <translation>红：过
蓝：不及</translation>
    </message>
    <message>
        <source>L cun</source>
        <translation>左寸</translation>
    </message>
    <message>
        <source>L guan</source>
        <translation>左关</translation>
    </message>
    <message>
        <source>L chi</source>
        <translation>左尺</translation>
    </message>
    <message>
        <source>R cun</source>
        <translation>右寸</translation>
    </message>
    <message>
        <source>R guan</source>
        <translation>右关</translation>
    </message>
    <message>
        <source>R chi</source>
        <translation>右尺</translation>
    </message>
    <message>
        <source>depth</source>
        <translation>浮沉</translation>
    </message>
    <message>
        <source>rate</source>
        <translation>迟数</translation>
    </message>
    <message>
        <source>rhythm</source>
        <translation>节律</translation>
    </message>
    <message>
        <source>width</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>length</source>
        <translation>长短</translation>
    </message>
    <message>
        <source>force</source>
        <translation>虚实</translation>
    </message>
    <message>
        <source>fluency</source>
        <translation>滑涩</translation>
    </message>
    <message>
        <source>tension</source>
        <translation>弦缓</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>方药</translation>
    </message>
    <message>
        <source>g a day</source>
        <translation>剂量 g/日</translation>
    </message>
    <message>
        <source>+{n} herbs</source>
        <translation>另 {n} 味</translation>
    </message>
    <message>
        <source>in</source>
        <translation>加</translation>
    </message>
    <message>
        <source>out</source>
        <translation>去</translation>
    </message>
    <message>
        <source>Symptoms</source>
        <translation>症状</translation>
    </message>
    <message>
        <source>● present
○ denied</source>
        <translation>● 有
○ 无</translation>
    </message>
    <message>
        <source>scores 0–{top}</source>
        <translation>积分 0–{top}</translation>
    </message>
    <message>
        <source>forecast: median and 90% interval</source>
        <translation>预测中位数与 90% 区间</translation>
    </message>
    <message>
        <source>dashed: median
band: 90%</source>
        <translation>虚线：中位数
色带：90%</translation>
    </message>
    <message>
        <source>total {first}</source>
        <translation>总分 {first}</translation>
    </message>
    <message>
        <source>total {first} → {last}</source>
        <translation>总分 {first} → {last}</translation>
    </message>
    <message>
        <source>Syndrome</source>
        <translation>证候</translation>
    </message>
    <message>
        <source>elements</source>
        <translation>证素</translation>
    </message>
    <message>
        <source>Tongue</source>
        <translation>舌象</translation>
    </message>
    <message>
        <source>body · coating</source>
        <translation>舌质 · 舌苔</translation>
    </message>
    <message>
        <source>beyond expectation</source>
        <translation>超出预期</translation>
    </message>
    <message>
        <source>Effect index</source>
        <translation>疗效指数</translation>
    </message>
    <message>
        <source>total against
the first</source>
        <translation>总分与
首诊相比</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
</context>
<context>
    <name>TimelinePage</name>
    <message>
        <source>Records are not part of your roles</source>
        <translation>您的角色不包括查看病历</translation>
    </message>
    <message>
        <source>What you may do stands in the menus. Roles are given by an administrator.</source>
        <translation>可用的功能见菜单。角色由管理员分配。</translation>
    </message>
    <message>
        <source>This clinic has no cases yet</source>
        <translation>这个诊所还没有病案</translation>
    </message>
    <message>
        <source>Import a case file (CSV, Excel, JSON lines), or make a demo clinic of simulated patients.</source>
        <translation>导入病案文件（CSV、Excel、JSON 行），或生成示例诊所试用，其中患者均为模拟。</translation>
    </message>
    <message>
        <source>Import case file…</source>
        <translation>导入病案文件…</translation>
    </message>
    <message>
        <source>Make a demo clinic…</source>
        <translation>生成示例诊所…</translation>
    </message>
</context>
<context>
    <name>TimelineReadOut</name>
    <message>
        <source>no date recorded</source>
        <translation>无日期</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>总分</translation>
    </message>
    <message>
        <source>Pulse</source>
        <translation>脉象</translation>
    </message>
    <message>
        <source>Tongue</source>
        <translation>舌象</translation>
    </message>
    <message>
        <source>Syndrome</source>
        <translation>证候</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>方药</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>附注</translation>
    </message>
    <message>
        <source>Forecast +{n} days</source>
        <translation>预测 +{n} 天</translation>
    </message>
    <message>
        <source>present</source>
        <translation>有</translation>
    </message>
    <message>
        <source>denied</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} 天</translation>
    </message>
    <message>
        <source>still present</source>
        <translation>仍有</translation>
    </message>
    <message>
        <source>gone</source>
        <translation>消失</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新出现</translation>
    </message>
    <message>
        <source>still denied</source>
        <translation>仍无</translation>
    </message>
    <message>
        <source>Effect index</source>
        <translation>疗效指数</translation>
    </message>
    <message>
        <source>Herbs in</source>
        <translation>加药</translation>
    </message>
    <message>
        <source>Herbs out</source>
        <translation>减药</translation>
    </message>
    <message>
        <source>Dose changed</source>
        <translation>剂量调整</translation>
    </message>
    <message>
        <source>unchanged</source>
        <translation>未变</translation>
    </message>
    <message>
        <source>Since the first visit</source>
        <translation>距首诊</translation>
    </message>
    <message>
        <source>After the last visit</source>
        <translation>末诊之后</translation>
    </message>
    <message>
        <source>Before the last visit</source>
        <translation>末诊之前</translation>
    </message>
    <message>
        <source>Lunar date</source>
        <translation>农历</translation>
    </message>
    <message>
        <source>Solar term</source>
        <translation>节气</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Annotation</source>
        <translation>批注</translation>
    </message>
</context>
<context>
    <name>TimelineView</name>
    <message>
        <source>Choose a patient at the left, or import records, to see the course here.</source>
        <translation>在左侧选择患者，或导入病案，此处即显示病程。</translation>
    </message>
    <message>
        <source>No visit yet. Add the first one to start the course.</source>
        <translation>还没有就诊记录；录入首诊即开始病程。</translation>
    </message>
    <message>
        <source>Timeline {patient}</source>
        <translation>时间轴 {patient}</translation>
    </message>
</context>
<context>
    <name>TonguePictures</name>
    <message>
        <source>Pictures of the tongue</source>
        <translation>舌象图片</translation>
    </message>
    <message>
        <source>Tongue of {patient} along time</source>
        <translation>{patient} 舌象变化</translation>
    </message>
    <message>
        <source>No picture yet. Drop one into the visit editor.</source>
        <translation>尚无图片。可在就诊录入中拖入。</translation>
    </message>
</context>
<context>
    <name>TongueTiles</name>
    <message>
        <source>Tongue body</source>
        <translation>舌质</translation>
    </message>
    <message>
        <source>Coating</source>
        <translation>舌苔</translation>
    </message>
</context>
<context>
    <name>TrainDialog</name>
    <message>
        <source>Give the model a name first.</source>
        <translation>请先给模型起名。</translation>
    </message>
    <message>
        <source>Reading the records…</source>
        <translation>正在读取病案…</translation>
    </message>
    <message>
        <source>Stopping; the best so far is kept…</source>
        <translation>正在停止，保留至今最好的一轮…</translation>
    </message>
    <message>
        <source>Ended by the lock.</source>
        <translation>因锁定而中止。</translation>
    </message>
    <message>
        <source>Stopped; nothing was kept.</source>
        <translation>已停止，没有可保留的结果。</translation>
    </message>
    <message>
        <source>Stopped; the best so far is saved as {name}.</source>
        <translation>已停止，至今最好的一轮存为 {name}。</translation>
    </message>
    <message>
        <source>Saved as {name}.</source>
        <translation>已存为 {name}。</translation>
    </message>
    <message>
        <source>The worker ended without a word.</source>
        <translation>后台进程未作说明即已结束。</translation>
    </message>
    <message>
        <source>{minutes}:{seconds} elapsed</source>
        <translation>已用 {minutes}:{seconds}</translation>
    </message>
    <message>
        <source>best {loss} at epoch {epoch}</source>
        <translation>最佳 {loss}，第 {epoch} 轮</translation>
    </message>
    <message>
        <source>Train a model</source>
        <translation>训练模型</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Cell</source>
        <translation>单元</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation>显卡（CUDA）</translation>
    </message>
    <message>
        <source>A network learns from {count} cases of this clinic; a share of them is held out to check it.</source>
        <translation>网络从本诊所 {count} 例病案中学习，其中一部分留出用于检验。</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>TrainingPage</name>
    <message>
        <source>There is no model yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>Train a liquid network on the cases of this clinic; it is checked on cases it has not seen.</source>
        <translation>用本诊所的病案训练一个液态网络，并用它没有见过的病案检验。</translation>
    </message>
    <message>
        <source>Train a model</source>
        <translation>训练模型</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>{name} (chosen)</source>
        <translation>{name}（已指定）</translation>
    </message>
    <message>
        <source>Forecast with this one</source>
        <translation>用它预测</translation>
    </message>
    <message>
        <source>Train a model…</source>
        <translation>训练模型…</translation>
    </message>
    <message>
        <source>Error: root mean square over held-out cases, in spreads of each variable; lower is better. A model that does not beat repeating the last value should not be relied on.</source>
        <translation>误差：留出病案上的均方根，以各变量的离散程度为单位，越低越好。不优于沿用末次值的模型不宜采信。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>训练时间</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>病例</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>误差</translation>
    </message>
    <message>
        <source>Last value&apos;s error</source>
        <translation>末次值误差</translation>
    </message>
    <message>
        <source>90% interval held</source>
        <translation>90% 区间覆盖</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>Variable</source>
        <translation>变量</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>增减</translation>
    </message>
    <message>
        <source>Values checked</source>
        <translation>检验数</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>比较对象</translation>
    </message>
    <message>
        <source>90% interval</source>
        <translation>90% 区间</translation>
    </message>
    <message>
        <source>Behind by</source>
        <translation>落后</translation>
    </message>
    <message>
        <source>do not rely on it</source>
        <translation>不宜采信</translation>
    </message>
    <message>
        <source>Choose automatically again</source>
        <translation>改回自动选用</translation>
    </message>
    <message>
        <source>beats all simple ones</source>
        <translation>优于各简单预测</translation>
    </message>
    <message>
        <source>as good as the best simple one</source>
        <translation>与最好的简单预测相当</translation>
    </message>
    <message>
        <source>{name}: each variable, in its own unit</source>
        <translation>{name}：各变量，以其自身单位计</translation>
    </message>
    <message>
        <source>Beside others, on {n} cases it has not seen</source>
        <translation>在其未见过的 {n} 例上与其他方法并列</translation>
    </message>
    <message>
        <source>Not compared with others</source>
        <translation>未与其他方法比较</translation>
    </message>
    <message>
        <source>Error by variable</source>
        <translation>各变量误差</translation>
    </message>
    <message>
        <source>Beside simple forecasts</source>
        <translation>与简单预测对照</translation>
    </message>
</context>
<context>
    <name>TrajectoryPage</name>
    <message>
        <source>Computing the trajectory…</source>
        <translation>正在推算状态轨迹…</translation>
    </message>
    <message>
        <source>The trajectory could not be computed</source>
        <translation>无法推算状态轨迹</translation>
    </message>
    <message>
        <source>A trained network shows here how its neurons follow this patient: their state, and how fast each one forgets.</source>
        <translation>训练好的网络会在这里显示各神经元如何随病程变化：它们的状态，以及各自遗忘的快慢。</translation>
    </message>
</context>
<context>
    <name>TrajectoryView</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Time constant τ</source>
        <translation>时间常数 τ</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} 天</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>No trajectory yet. Train a model, then choose a patient.</source>
        <translation>还没有轨迹。先训练模型，再选择患者。</translation>
    </message>
    <message>
        <source>{n} neurons, ordered by kind</source>
        <translation>{n} 个神经元，按种类排序</translation>
    </message>
    <message>
        <source>Neuron states</source>
        <translation>神经元状态</translation>
    </message>
    <message>
        <source>days, logarithmic; the system&apos;s own, input included</source>
        <translation>天，对数刻度；含输入影响的系统时间常数</translation>
    </message>
    <message>
        <source>Liquid time constant τ</source>
        <translation>液态时间常数 τ</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Neuron states: another way to draw them</source>
        <translation>神经元状态：换一种画法</translation>
    </message>
    <message>
        <source>Time constants: another way to draw them</source>
        <translation>时间常数：换一种画法</translation>
    </message>
    <message>
        <source>State trajectory</source>
        <translation>状态轨迹</translation>
    </message>
    <message>
        <source>motor</source>
        <translation>运动</translation>
    </message>
    <message>
        <source>command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>inter</source>
        <translation>中间</translation>
    </message>
</context>
<context>
    <name>TwoCoursesPlot</name>
    <message>
        <source>Total scores of both patients</source>
        <translation>两患者症状总分</translation>
    </message>
    <message>
        <source>Neither of the two has scores</source>
        <translation>两患者均无症状评分</translation>
    </message>
    <message>
        <source>Day {n}</source>
        <translation>第 {n} 天</translation>
    </message>
    <message>
        <source>Visit {n}</source>
        <translation>第 {n} 诊</translation>
    </message>
    <message>
        <source>Total score</source>
        <translation>症状总分</translation>
    </message>
    <message>
        <source>hollow: a symptom graded elsewhere is not recorded there</source>
        <translation>空心：该诊未记录他诊曾评分的某一症状</translation>
    </message>
</context>
<context>
    <name>UserForm</name>
    <message>
        <source>Add a user</source>
        <translation>添加用户</translation>
    </message>
    <message>
        <source>Roles of {name}</source>
        <translation>{name} 的角色</translation>
    </message>
    <message>
        <source>New passphrase of {name}</source>
        <translation>为 {name} 设置新口令</translation>
    </message>
    <message>
        <source>My passphrase</source>
        <translation>我的口令</translation>
    </message>
    <message>
        <source>Passphrase of {name}</source>
        <translation>{name} 的口令</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Present passphrase</source>
        <translation>当前口令</translation>
    </message>
    <message>
        <source>The first user is an administrator. From now on everyone who opens this clinic gives a name and a passphrase; add the others next.</source>
        <translation>第一个用户须为管理员。此后打开此病案库都要输入用户名和口令；请接着添加其他用户。</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>UsersDialog</name>
    <message>
        <source>Users</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>添加…</translation>
    </message>
    <message>
        <source>Roles…</source>
        <translation>角色…</translation>
    </message>
    <message>
        <source>New passphrase…</source>
        <translation>新口令…</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>用户名</translation>
    </message>
    <message>
        <source>Roles</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>添加于</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>This clinic has no users: whoever opens it may do everything. With users, everyone has a name, a passphrase and roles, and the audit log names them.</source>
        <translation>此病案库未设用户：打开者可进行任何操作。设置用户后，每人各有用户名、口令和角色，审计日志会记下操作者。</translation>
    </message>
    <message>
        <source>active</source>
        <translation>在用</translation>
    </message>
    <message>
        <source>suspended</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Suspend</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Reinstate</source>
        <translation>恢复使用</translation>
    </message>
</context>
<context>
    <name>VisitChoice</name>
    <message>
        <source>← → last visit, with Shift the first</source>
        <translation>← → 移动末列诊次，加 Shift 移动首列</translation>
    </message>
    <message>
        <source>Visit of column {number}</source>
        <translation>第 {number} 列的诊次</translation>
    </message>
    <message>
        <source>Add a visit</source>
        <translation>增加一诊</translation>
    </message>
    <message>
        <source>One visit fewer</source>
        <translation>减少一诊</translation>
    </message>
</context>
<context>
    <name>VisitDesk</name>
    <message>
        <source>The visit is kept as a draft; a new visit goes on with it.</source>
        <translation>本诊已存为草稿，再次新增复诊时继续。</translation>
    </message>
    <message>
        <source>Begun and not saved: visits of {patients}.</source>
        <translation>已录入而未保存的就诊：{patients}。</translation>
    </message>
    <message>
        <source>A visit is being saved; one moment.</source>
        <translation>正在保存就诊，请稍候。</translation>
    </message>
    <message>
        <source>The picture is taken out; undo brings it back.</source>
        <translation>图片已移除，可撤销。</translation>
    </message>
    <message>
        <source>Visit {number} of {patient} is saved; undo takes it back.</source>
        <translation>{patient} 第 {number} 诊已保存，可撤销。</translation>
    </message>
    <message>
        <source>The draft is gone.</source>
        <translation>草稿已删除。</translation>
    </message>
</context>
<context>
    <name>VisitEditor</name>
    <message>
        <source>The prescription before was changed meanwhile: look over the formula.</source>
        <translation>上诊处方已被修改，请核对方药。</translation>
    </message>
    <message>
        <source>Nothing was changed against the last visit. Save again if that is so.</source>
        <translation>与上诊相比没有改动；确认无误请再按一次保存。</translation>
    </message>
    <message>
        <source>Kept as a draft</source>
        <translation>已存草稿</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save and print</source>
        <translation>保存并打印</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Your draft of before</source>
        <translation>接续先前草稿</translation>
    </message>
    <message>
        <source>The record has changed since this draft: look over date and formula.</source>
        <translation>起草之后病历已有变动，请核对日期与方药。</translation>
    </message>
    <message>
        <source>Somebody changed this visit meanwhile. Saving again puts yours over it.</source>
        <translation>他人刚修改过本诊；再次保存将以您的内容为准。</translation>
    </message>
    <message>
        <source>{field}: theirs {theirs} / yours {ours}</source>
        <translation>{field}：对方 {theirs} / 您 {ours}</translation>
    </message>
    <message>
        <source>What differs between their version and yours</source>
        <translation>对方与您的内容之差异</translation>
    </message>
</context>
<context>
    <name>VisitHead</name>
    <message>
        <source>Date of the visit</source>
        <translation>就诊日期</translation>
    </message>
    <message>
        <source>Days since the visit before</source>
        <translation>距上一诊天数</translation>
    </message>
    <message>
        <source> days later</source>
        <translation> 天后</translation>
    </message>
    <message>
        <source>Visit {number}</source>
        <translation>第 {number} 诊</translation>
    </message>
    <message>
        <source>correct</source>
        <translation>修订</translation>
    </message>
    <message>
        <source>copied from the last visit</source>
        <translation>由上诊复制</translation>
    </message>
    <message>
        <source>first visit</source>
        <translation>初诊</translation>
    </message>
</context>
<context>
    <name>VocabularyDialog</name>
    <message>
        <source>Vocabulary pack (*.csv *.txt);;All files (*)</source>
        <translation>术语包 (*.csv *.txt);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Load a vocabulary pack</source>
        <translation>载入术语包</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>词汇</translation>
    </message>
    <message>
        <source>Packs</source>
        <translation>术语包</translation>
    </message>
    <message>
        <source>Own terms</source>
        <translation>自有词语</translation>
    </message>
    <message>
        <source>Shared terms</source>
        <translation>共用词语</translation>
    </message>
    <message>
        <source>Load a pack…</source>
        <translation>载入术语包…</translation>
    </message>
    <message>
        <source>Take out…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Forget…</source>
        <translation>遗忘…</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>操作者</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Concepts</source>
        <translation>概念数</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Term</source>
        <translation>词语</translation>
    </message>
    <message>
        <source>Meaning</source>
        <translation>含义</translation>
    </message>
    <message>
        <source>Take out the pack {name}?</source>
        <translation>移除术语包 {name}？</translation>
    </message>
    <message>
        <source>What was recorded with its concepts keeps their codes, which then stand in place of names.</source>
        <translation>用其概念记录的内容保留代码，此后以代码代替名称显示。</translation>
    </message>
    <message>
        <source>Take it out</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Forget the term {term}?</source>
        <translation>遗忘词语“{term}”？</translation>
    </message>
    <message>
        <source>What was coded by it stays coded; imports ask about it again.</source>
        <translation>已据此编码的保持不变；以后导入时会再次询问。</translation>
    </message>
    <message>
        <source>Forget it</source>
        <translation>遗忘</translation>
    </message>
    <message>
        <source>A pack adds concepts to those that come with Mailiu: a CSV table of code, term and aliases.</source>
        <translation>术语包在脉流自带的概念之外增添概念：一张含代码、术语、别名三列的 CSV 表。</translation>
    </message>
    <message>
        <source>Terms that people here have given a meaning; imports know them from then on.</source>
        <translation>本库使用者说明过含义的词语；此后导入时会自动识别。</translation>
    </message>
    <message>
        <source>None yet: a term whose meaning is decided on under Clinic &gt; Unknown terms will stand here.</source>
        <translation>尚无：在“病案库 &gt; 未识别词”中确定含义的词语会列在这里。</translation>
    </message>
    <message>
        <source>A term may mean something in each of several kinds. Where two concepts of one kind claim it, only one is ever found by it.</source>
        <translation>一个词语可在多个类别中各有含义。若同一类别的两个概念共用它，则只能找到其中一个。</translation>
    </message>
    <message>
        <source>The first {shown} of {count} are shown.</source>
        <translation>共 {count} 条，显示前 {shown} 条。</translation>
    </message>
    <message>
        <source>Vocabulary packs</source>
        <translation>术语包</translation>
    </message>
    <message>
        <source>The clinic&apos;s own terms</source>
        <translation>本病案库自有术语</translation>
    </message>
</context>
<context>
    <name>WaysIn</name>
    <message>
        <source>Encrypt this file…</source>
        <translation>加密此文件…</translation>
    </message>
    <message>
        <source>With a passphrase, and a recovery code to print.</source>
        <translation>设置口令，并打印恢复码。</translation>
    </message>
    <message>
        <source>New recovery code…</source>
        <translation>更换恢复码…</translation>
    </message>
    <message>
        <source>When the printed one is lost, or somebody may have seen it.</source>
        <translation>打印的恢复码丢失，或可能已被他人看到时。</translation>
    </message>
    <message>
        <source>Open without a passphrase</source>
        <translation>免口令打开</translation>
    </message>
    <message>
        <source>On this computer alone: its keyring keeps a key for whoever is logged in as you are now.</source>
        <translation>仅限本机：由系统钥匙串保管密钥，以您当前账户登录者即可打开。</translation>
    </message>
    <message>
        <source>Ask for the passphrase again</source>
        <translation>恢复口令验证</translation>
    </message>
    <message>
        <source>From then on no computer opens the file by itself.</source>
        <translation>此后任何电脑都不能自行打开此文件。</translation>
    </message>
    <message>
        <source>New data key…</source>
        <translation>更换数据密钥…</translation>
    </message>
    <message>
        <source>When somebody who should not may have had the file and a way to open it.</source>
        <translation>不该接触者可能已取得此文件及打开它的途径时。</translation>
    </message>
    <message>
        <source>This clinic is on a server</source>
        <translation>此病案库在服务器上</translation>
    </message>
    <message>
        <source>This clinic file is not encrypted</source>
        <translation>此病案库未加密</translation>
    </message>
    <message>
        <source>This clinic file is encrypted</source>
        <translation>此病案库已加密</translation>
    </message>
    <message>
        <source>The server keeps the records: what counts is the encryption of its disks, and of the way to it. Backups made here are encrypted, each with a passphrase of its own.</source>
        <translation>病历由服务器保管：关键在于服务器磁盘和连接是否加密。在此生成的备份均加密，各有单独的口令。</translation>
    </message>
    <message>
        <source>Whoever gets hold of the file, a copy or a backup of it, or of this computer&apos;s disk, can read every record.</source>
        <translation>任何人拿到该文件、其副本或备份，或拿到本机硬盘，都能读取全部病历。</translation>
    </message>
    <message>
        <source>The passphrase of each user opens it, and so does the recovery code.</source>
        <translation>各用户的口令和恢复码均可打开。</translation>
    </message>
    <message>
        <source>The passphrase opens it, and so does the recovery code.</source>
        <translation>口令和恢复码均可打开。</translation>
    </message>
    <message>
        <source>This computer opens it by itself.</source>
        <translation>本机可自行打开。</translation>
    </message>
    <message>
        <source>Another computer opens it by itself.</source>
        <translation>另一台电脑可自行打开。</translation>
    </message>
    <message>
        <source>The lock put the new recovery code away before it was kept: make another one.</source>
        <translation>新的恢复码尚未保存就因锁定而收起：请再生成一个。</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>Opening {file}…</source>
        <translation>正在打开 {file}…</translation>
    </message>
    <message>
        <source>Case records over time</source>
        <translation>纵向病案工作台</translation>
    </message>
    <message>
        <source>Records lie in a clinic file on this computer, encrypted unless you choose otherwise. Make a new one, open one that is there, or look round in a demo clinic of simulated patients.</source>
        <translation>病历保存在本机的病案库文件中，默认加密。可新建一个，打开已有的，或先看看由模拟患者组成的演示病案库。</translation>
    </message>
    <message>
        <source>New clinic file…</source>
        <translation>新建病案库…</translation>
    </message>
    <message>
        <source>Open clinic…</source>
        <translation>打开病案库…</translation>
    </message>
    <message>
        <source>Make a demo clinic…</source>
        <translation>生成演示病案库…</translation>
    </message>
</context>
<context>
    <name>WiringView</name>
    <message>
        <source>Wiring</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>wide: strong; red dashes: inhibits</source>
        <translation>粗细为重要度，红虚线为抑制</translation>
    </message>
</context>
<context>
    <name>WristMap</name>
    <message>
        <source>Left</source>
        <translation>左手</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右手</translation>
    </message>
    <message>
        <source>cun</source>
        <translation>寸</translation>
    </message>
    <message>
        <source>guan</source>
        <translation>关</translation>
    </message>
    <message>
        <source>chi</source>
        <translation>尺</translation>
    </message>
    <message>
        <source>Pulse at six positions</source>
        <translation>六部脉</translation>
    </message>
</context>
<context>
    <name>_Grid</name>
    <message>
        <source>learned from {patients} patients, {visits} visits</source>
        <translation>学自 {patients} 例、{visits} 诊</translation>
    </message>
    <message>
        <source>{n} records of this patient</source>
        <translation>该患者 {n} 次记录</translation>
    </message>
    <message>
        <source>no record of this patient yet: what is usual for such a patient</source>
        <translation>该患者尚无记录：为同类患者的通常情形</translation>
    </message>
    <message>
        <source>error {percent}% above the last value: no better than repeating it</source>
        <translation>误差较末次值高 {percent}%：不优于沿用末次值</translation>
    </message>
    <message>
        <source>error {percent}% below the last value</source>
        <translation>误差较末次值低 {percent}%</translation>
    </message>
    <message>
        <source>for reference, does not replace the physician&apos;s diagnosis</source>
        <translation>仅供参考，不替代医师诊断</translation>
    </message>
    <message>
        <source>No forecast yet. Train a model, then choose a patient.</source>
        <translation>还没有预测。先训练模型，再选择患者。</translation>
    </message>
    <message>
        <source>dashed: median · dark band: 50% · light band: 90% interval · dotted: last value</source>
        <translation>虚线：中位数 · 深带：50% · 浅带：90% 区间 · 点线：末次值</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Patient</source>
        <translation>患者(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Clinic</source>
        <translation>病案库(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Time axis</source>
        <translation>横轴刻度</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>字号</translation>
    </message>
    <message>
        <source>New clinic file…</source>
        <translation>新建病案库…</translation>
    </message>
    <message>
        <source>Make a clinic file, encrypted unless you choose otherwise</source>
        <translation>新建一个病案库，默认加密</translation>
    </message>
    <message>
        <source>Open clinic…</source>
        <translation>打开病案库…</translation>
    </message>
    <message>
        <source>Open another clinic file, or a clinic on a server</source>
        <translation>打开另一个病案库文件，或服务器上的病案库</translation>
    </message>
    <message>
        <source>Make a demo clinic…</source>
        <translation>生成示例诊所…</translation>
    </message>
    <message>
        <source>Make a clinic file of simulated patients to try things on</source>
        <translation>生成一个模拟患者的病案库，供试用</translation>
    </message>
    <message>
        <source>Import case file…</source>
        <translation>导入病案文件…</translation>
    </message>
    <message>
        <source>Read cases from CSV, Excel or JSON lines into this clinic</source>
        <translation>从 CSV、Excel 或 JSON 行读入病案</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Write all records as CSV, JSON or FHIR; without names unless you say so</source>
        <translation>将全部病历写为 CSV、JSON 或 FHIR；除非指定，不含姓名</translation>
    </message>
    <message>
        <source>Report as PDF or HTML…</source>
        <translation>报告（PDF 或 HTML）…</translation>
    </message>
    <message>
        <source>Write a report of this patient: pictures, and the figures behind the forecast</source>
        <translation>为当前患者写报告：图，以及预测所据的数字</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Hide every record until the passphrase is given</source>
        <translation>隐藏全部病历，输入口令后恢复</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>When the clinic locks by itself</source>
        <translation>何时自动锁定</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Close the window; everything acknowledged is already saved</source>
        <translation>关闭窗口；已确认的内容均已保存</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take back what you did last</source>
        <translation>撤销您的上一步操作</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Do again what you took back</source>
        <translation>重做刚才撤销的操作</translation>
    </message>
    <message>
        <source>Search patients</source>
        <translation>查找患者</translation>
    </message>
    <message>
        <source>Search by name, pinyin, initials or number</source>
        <translation>按姓名、拼音、首字母或编号查找</translation>
    </message>
    <message>
        <source>Next patient</source>
        <translation>下一位患者</translation>
    </message>
    <message>
        <source>Go to the patient below in the list</source>
        <translation>转到列表中下一位</translation>
    </message>
    <message>
        <source>Previous patient</source>
        <translation>上一位患者</translation>
    </message>
    <message>
        <source>Go to the patient above in the list</source>
        <translation>转到列表中上一位</translation>
    </message>
    <message>
        <source>History…</source>
        <translation>修改记录…</translation>
    </message>
    <message>
        <source>Who changed what of this patient, and when</source>
        <translation>此患者的内容何时由谁作了哪些修改</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Copy the page&apos;s picture to the clipboard</source>
        <translation>把本页图形复制到剪贴板</translation>
    </message>
    <message>
        <source>Save picture…</source>
        <translation>保存图片…</translation>
    </message>
    <message>
        <source>Save the page&apos;s picture as a PNG file</source>
        <translation>把本页图形存为 PNG 文件</translation>
    </message>
    <message>
        <source>Train a model…</source>
        <translation>训练模型…</translation>
    </message>
    <message>
        <source>Train a liquid network on the cases of this clinic</source>
        <translation>用本诊所的病案训练液态网络</translation>
    </message>
    <message>
        <source>Forecast again</source>
        <translation>重新预测</translation>
    </message>
    <message>
        <source>Compute the forecast of this patient anew</source>
        <translation>重新推算当前患者的预测</translation>
    </message>
    <message>
        <source>Imports…</source>
        <translation>导入记录…</translation>
    </message>
    <message>
        <source>What was imported, by whom, and how to take it back</source>
        <translation>导入过什么、由谁导入，以及如何撤销</translation>
    </message>
    <message>
        <source>Unknown terms…</source>
        <translation>未识别词…</translation>
    </message>
    <message>
        <source>Terms that no import could code, for you to say what they mean</source>
        <translation>导入时未能识别的词，由您说明其含义</translation>
    </message>
    <message>
        <source>Free-text cases…</source>
        <translation>自由文本医案…</translation>
    </message>
    <message>
        <source>Cases read from running text, beside the original, for you to look through</source>
        <translation>由叙述文字读出的医案，与原文对照审阅</translation>
    </message>
    <message>
        <source>Patients who look alike…</source>
        <translation>疑似同一人…</translation>
    </message>
    <message>
        <source>Who may have been entered twice; two records become one, and apart again</source>
        <translation>可能重复录入的患者；两份合为一份，也可再分开</translation>
    </message>
    <message>
        <source>Vocabulary…</source>
        <translation>术语…</translation>
    </message>
    <message>
        <source>Vocabulary packs and what they would change, the clinic&apos;s own terms, duplicates</source>
        <translation>术语包及其改动、本诊所自有术语、重名</translation>
    </message>
    <message>
        <source>Users…</source>
        <translation>用户…</translation>
    </message>
    <message>
        <source>Who may open this clinic, and who may do what</source>
        <translation>谁可打开此病案库，谁可做什么</translation>
    </message>
    <message>
        <source>Passphrase…</source>
        <translation>更换口令…</translation>
    </message>
    <message>
        <source>Choose a new passphrase: your own, or that of the clinic file</source>
        <translation>另设口令：您自己的，或病案库文件的</translation>
    </message>
    <message>
        <source>Encryption…</source>
        <translation>加密…</translation>
    </message>
    <message>
        <source>Encrypt a plain file, a new recovery code, opening on this computer by itself</source>
        <translation>加密未加密的文件、更换恢复码、在本机自动打开</translation>
    </message>
    <message>
        <source>Audit log…</source>
        <translation>审计日志…</translation>
    </message>
    <message>
        <source>Who did what and when; whether the log is whole</source>
        <translation>何人何时做了什么；日志是否完整</translation>
    </message>
    <message>
        <source>Backups…</source>
        <translation>备份…</translation>
    </message>
    <message>
        <source>Make, verify and restore backups</source>
        <translation>生成、检验和恢复备份</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间轴</translation>
    </message>
    <message>
        <source>Symptoms, pulse, tongue and formulas along time</source>
        <translation>症状、脉象、舌象与方药随时间的变化</translation>
    </message>
    <message>
        <source>State trajectory</source>
        <translation>状态轨迹</translation>
    </message>
    <message>
        <source>States and time constants of the network&apos;s neurons along time</source>
        <translation>神经元状态与时间常数随时间的变化</translation>
    </message>
    <message>
        <source>Forecast</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Where each variable may go, with its interval</source>
        <translation>各变量可能的走向及其区间</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Models of this clinic and how well they forecast</source>
        <translation>本诊所的模型及其预测表现</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Show a shorter time in more detail</source>
        <translation>看更短的时段</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Show a longer time</source>
        <translation>看更长的时段</translation>
    </message>
    <message>
        <source>Fit whole course</source>
        <translation>显示全程</translation>
    </message>
    <message>
        <source>Show the whole course and the forecast</source>
        <translation>显示整个病程与预测</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Ink on paper</source>
        <translation>纸墨</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>For dim rooms</source>
        <translation>适于暗处</translation>
    </message>
    <message>
        <source>Switch light and dark</source>
        <translation>切换深浅</translation>
    </message>
    <message>
        <source>Change between light and dark</source>
        <translation>在浅色与深色之间切换</translation>
    </message>
    <message>
        <source>中文</source>
        <translation>中文</translation>
    </message>
    <message>
        <source>Show everything in Chinese</source>
        <translation>全部以中文显示</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>Show everything in English</source>
        <translation>全部以英文显示</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>About Mailiu</source>
        <translation>关于脉流</translation>
    </message>
    <message>
        <source>Versions and licences</source>
        <translation>版本与许可</translation>
    </message>
    <message>
        <source>New patient…</source>
        <translation>新患者…</translation>
    </message>
    <message>
        <source>Enter a patient, then the first visit</source>
        <translation>录入患者，随后录入首诊</translation>
    </message>
    <message>
        <source>Data of the patient…</source>
        <translation>患者资料…</translation>
    </message>
    <message>
        <source>Name, number, sex, birth date, complaint</source>
        <translation>姓名、病历号、性别、出生日期、主诉</translation>
    </message>
    <message>
        <source>New visit</source>
        <translation>新增复诊</translation>
    </message>
    <message>
        <source>Enter a follow-up, copied forward from the last visit</source>
        <translation>由上诊复制，录入复诊</translation>
    </message>
    <message>
        <source>Correct the last visit</source>
        <translation>修订末次就诊</translation>
    </message>
    <message>
        <source>Change what was entered at the last visit</source>
        <translation>修改末次就诊的记录</translation>
    </message>
    <message>
        <source>Discard the draft of the visit</source>
        <translation>放弃本诊草稿</translation>
    </message>
    <message>
        <source>Give up what was typed and not saved</source>
        <translation>放弃已录入而未保存的内容</translation>
    </message>
    <message>
        <source>Pictures of the tongue…</source>
        <translation>舌象图片…</translation>
    </message>
    <message>
        <source>All pictures of the tongue, side by side along time</source>
        <translation>按时间并列全部舌象图片</translation>
    </message>
    <message>
        <source>Print prescription…</source>
        <translation>打印处方…</translation>
    </message>
    <message>
        <source>The sheet of the last prescription, in a preview</source>
        <translation>预览末次处方的处方笺</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对照</translation>
    </message>
    <message>
        <source>Visits side by side, before and after a formula, or beside another patient</source>
        <translation>诊次并列、用方前后，或与另一患者并列</translation>
    </message>
    <message>
        <source>History of this field…</source>
        <translation>此项的修改记录…</translation>
    </message>
    <message>
        <source>Who changed the chosen row of the comparison, and when</source>
        <translation>对照表中所选一行由谁、何时改动</translation>
    </message>
    <message>
        <source>Filter patients…</source>
        <translation>筛选患者…</translation>
    </message>
    <message>
        <source>By diagnosis, syndrome, formula, herb, tag, last visit, age or course</source>
        <translation>按病名、证型、方剂、药物、标签、末次就诊、年龄或病程</translation>
    </message>
    <message>
        <source>Pin or unpin</source>
        <translation>钉选或取消</translation>
    </message>
    <message>
        <source>Keep this patient at the top of your list, or no longer; in the list: P</source>
        <translation>把这位患者置于列表顶端，或取消；在列表中按 P</translation>
    </message>
    <message>
        <source>Tags…</source>
        <translation>标签…</translation>
    </message>
    <message>
        <source>Give this patient a tag, or take one off; in the list: T</source>
        <translation>给这位患者加标签或去标签；在列表中按 T</translation>
    </message>
    <message>
        <source>Look for patients beyond expectation</source>
        <translation>查找超出预期的患者</translation>
    </message>
    <message>
        <source>Whose last visit the model did not expect so; again: stop looking</source>
        <translation>末次就诊出乎模型预料的患者；再次选择即停止</translation>
    </message>
    <message>
        <source>Axis: dates</source>
        <translation>时间轴：日期</translation>
    </message>
    <message>
        <source>Dates along the timeline, where dates were recorded</source>
        <translation>时间轴按日期显示（有日期记录时）</translation>
    </message>
    <message>
        <source>Axis: days since the first visit</source>
        <translation>时间轴：距首诊天数</translation>
    </message>
    <message>
        <source>Days since the first visit along the timeline</source>
        <translation>时间轴按距首诊天数显示</translation>
    </message>
    <message>
        <source>Axis: visit numbers</source>
        <translation>时间轴：诊次</translation>
    </message>
    <message>
        <source>Visits at equal steps along the timeline</source>
        <translation>时间轴按诊次等距显示</translation>
    </message>
    <message>
        <source>Lanes and layouts…</source>
        <translation>泳道与布局…</translation>
    </message>
    <message>
        <source>Show, hide, pin and move the lanes of the timeline; keep an arrangement</source>
        <translation>显示、隐藏、固定、移动时间轴的泳道，保存布局</translation>
    </message>
    <message>
        <source>Measure between two visits</source>
        <translation>比较两诊</translation>
    </message>
    <message>
        <source>Days, changes and herbs between two visits; the arrow keys move the end</source>
        <translation>两诊之间的天数、各项变化与加减药；左右键移动终点</translation>
    </message>
    <message>
        <source>Annotate the course…</source>
        <translation>病程批注…</translation>
    </message>
    <message>
        <source>Put a few words at the day under the crosshair</source>
        <translation>在十字线所在的日子写几句批注</translation>
    </message>
    <message>
        <source>High contrast, light</source>
        <translation>高对比浅色</translation>
    </message>
    <message>
        <source>Black on white, strong borders</source>
        <translation>白底黑字，边框加重</translation>
    </message>
    <message>
        <source>High contrast, dark</source>
        <translation>高对比深色</translation>
    </message>
    <message>
        <source>White on black, strong borders</source>
        <translation>黑底白字，边框加重</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light or dark as this computer asks for</source>
        <translation>随本机系统的深浅设置</translation>
    </message>
    <message>
        <source>All commands and their keys, to look up and to change</source>
        <translation>全部命令及其按键，可查可改</translation>
    </message>
    <message>
        <source>Find a command or patient…</source>
        <translation>查找命令或患者…</translation>
    </message>
    <message>
        <source>Type a few letters of a command, a page or a patient, then Enter</source>
        <translation>输入命令、页面或患者的几个字母，按回车</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Write everything larger, plots included</source>
        <translation>全部文字与图放大</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Write everything smaller, plots included</source>
        <translation>全部文字与图缩小</translation>
    </message>
    <message>
        <source>Normal text size</source>
        <translation>标准文字大小</translation>
    </message>
    <message>
        <source>Write everything as large as it was drawn</source>
        <translation>恢复原有大小</translation>
    </message>
    <message>
        <source>Show me round</source>
        <translation>界面导览</translation>
    </message>
    <message>
        <source>The window&apos;s main parts, one after the other</source>
        <translation>逐一介绍窗口的主要部分</translation>
    </message>
    <message>
        <source>Notices…</source>
        <translation>通知…</translation>
    </message>
    <message>
        <source>Everything that was told at the foot of the window</source>
        <translation>窗口底部显示过的全部通知</translation>
    </message>
    <message>
        <source>Copy debug information</source>
        <translation>复制诊断信息</translation>
    </message>
    <message>
        <source>Versions, the last error and the log for the clipboard, without patients</source>
        <translation>版本、最近错误与日志，已去除患者信息</translation>
    </message>
</context>
<context>
    <name>fields</name>
    <message>
        <source>number of the patient</source>
        <translation>病历号</translation>
    </message>
    <message>
        <source>name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>sex</source>
        <translation>性别</translation>
    </message>
    <message>
        <source>birth date</source>
        <translation>出生日期</translation>
    </message>
    <message>
        <source>age</source>
        <translation>年龄</translation>
    </message>
    <message>
        <source>chief complaint</source>
        <translation>主诉</translation>
    </message>
    <message>
        <source>note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>further data</source>
        <translation>其他资料</translation>
    </message>
    <message>
        <source>number of the visit</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>first or follow-up</source>
        <translation>初诊/复诊</translation>
    </message>
    <message>
        <source>day</source>
        <translation>日数</translation>
    </message>
    <message>
        <source>how the day is known</source>
        <translation>日数依据</translation>
    </message>
    <message>
        <source>date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>heading</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>text</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>findings</source>
        <translation>症状体征</translation>
    </message>
    <message>
        <source>pulse</source>
        <translation>脉象</translation>
    </message>
    <message>
        <source>diagnosis</source>
        <translation>诊断</translation>
    </message>
    <message>
        <source>formula</source>
        <translation>方药</translation>
    </message>
    <message>
        <source>outcome</source>
        <translation>疗效</translation>
    </message>
    <message>
        <source>first visit</source>
        <translation>初诊</translation>
    </message>
    <message>
        <source>follow-up visit</source>
        <translation>复诊</translation>
    </message>
    <message>
        <source>by its date</source>
        <translation>按日期</translation>
    </message>
    <message>
        <source>by the days between visits</source>
        <translation>按间隔天数</translation>
    </message>
    <message>
        <source>by the order of visits only</source>
        <translation>仅按先后次序</translation>
    </message>
    <message>
        <source>left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>cun</source>
        <translation>寸</translation>
    </message>
    <message>
        <source>guan</source>
        <translation>关</translation>
    </message>
    <message>
        <source>chi</source>
        <translation>尺</translation>
    </message>
    <message>
        <source>no {sign}</source>
        <translation>无{sign}</translation>
    </message>
</context>
<context>
    <name>figures</name>
    <message>
        <source>likely</source>
        <translation>多半有</translation>
    </message>
    <message>
        <source>unlikely</source>
        <translation>多半无</translation>
    </message>
    <message>
        <source>open</source>
        <translation>难定</translation>
    </message>
</context>
<context>
    <name>filters</name>
    <message>
        <source>Diagnosis</source>
        <translation>病名</translation>
    </message>
    <message>
        <source>Syndrome</source>
        <translation>证型</translation>
    </message>
    <message>
        <source>Formula</source>
        <translation>方剂</translation>
    </message>
    <message>
        <source>Herb</source>
        <translation>药物</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>pinned</source>
        <translation>钉选</translation>
    </message>
    <message>
        <source>worse than at first</source>
        <translation>较初诊恶化</translation>
    </message>
    <message>
        <source>beyond expectation</source>
        <translation>超出预期</translation>
    </message>
    <message>
        <source>at risk</source>
        <translation>有风险</translation>
    </message>
    <message>
        <source>seen within {days} days</source>
        <translation>{days} 天内就诊</translation>
    </message>
    <message>
        <source>seen today</source>
        <translation>今日就诊</translation>
    </message>
    <message>
        <source>last visit from {date}</source>
        <translation>末次就诊不早于 {date}</translation>
    </message>
    <message>
        <source>last visit to {date}</source>
        <translation>末次就诊不晚于 {date}</translation>
    </message>
    <message>
        <source>age {low}–{high}</source>
        <translation>{low}–{high} 岁</translation>
    </message>
    <message>
        <source>age {low} or more</source>
        <translation>{low} 岁及以上</translation>
    </message>
    <message>
        <source>age {high} or less</source>
        <translation>{high} 岁及以下</translation>
    </message>
</context>
<context>
    <name>insight</name>
    <message>
        <source>{name} dose</source>
        <translation>{name} 剂量</translation>
    </message>
    <message>
        <source>{name}: days since</source>
        <translation>{name} 距上次天数</translation>
    </message>
    <message>
        <source>day of the course</source>
        <translation>病程天数</translation>
    </message>
    <message>
        <source>days since the last visit</source>
        <translation>距上诊天数</translation>
    </message>
</context>
<context>
    <name>kinds</name>
    <message>
        <source>symptom</source>
        <translation>症状</translation>
    </message>
    <message>
        <source>sign</source>
        <translation>体征</translation>
    </message>
    <message>
        <source>tongue</source>
        <translation>舌象</translation>
    </message>
    <message>
        <source>pulse</source>
        <translation>脉象</translation>
    </message>
    <message>
        <source>herb</source>
        <translation>中药</translation>
    </message>
    <message>
        <source>formula</source>
        <translation>方药</translation>
    </message>
    <message>
        <source>syndrome</source>
        <translation>证候</translation>
    </message>
    <message>
        <source>disease</source>
        <translation>病名</translation>
    </message>
    <message>
        <source>Western diagnosis</source>
        <translation>西医诊断</translation>
    </message>
    <message>
        <source>principle of treatment</source>
        <translation>治法</translation>
    </message>
    <message>
        <source>outcome</source>
        <translation>疗效</translation>
    </message>
    <message>
        <source>lab value</source>
        <translation>化验</translation>
    </message>
    <message>
        <source>same name</source>
        <translation>名称相同</translation>
    </message>
    <message>
        <source>like characters</source>
        <translation>用字相近</translation>
    </message>
    <message>
        <source>looks alike</source>
        <translation>字形相近</translation>
    </message>
    <message>
        <source>sounds alike</source>
        <translation>读音相近</translation>
    </message>
    <message>
        <source>left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>cun</source>
        <translation>寸</translation>
    </message>
    <message>
        <source>guan</source>
        <translation>关</translation>
    </message>
    <message>
        <source>chi</source>
        <translation>尺</translation>
    </message>
    <message>
        <source>element</source>
        <translation>证素</translation>
    </message>
</context>
<context>
    <name>roles</name>
    <message>
        <source>Clinician</source>
        <translation>临床医师</translation>
    </message>
    <message>
        <source>Researcher</source>
        <translation>研究人员</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>管理员</translation>
    </message>
    <message>
        <source>sees and changes records, trains and forecasts</source>
        <translation>查看和修改病历，训练与预测</translation>
    </message>
    <message>
        <source>works with records without names; trains models</source>
        <translation>使用去标识的病历，训练模型</translation>
    </message>
    <message>
        <source>users, audit log, backups; sees no records</source>
        <translation>管理用户、审计日志和备份；不看病历</translation>
    </message>
    <message>
        <source>looked at</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>added</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>taken out</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>taken back</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>exported</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>report written</source>
        <translation>写出报告</translation>
    </message>
    <message>
        <source>opened</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>locked</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>unlocked</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>new passphrase</source>
        <translation>更换口令</translation>
    </message>
    <message>
        <source>forgotten</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>backed up</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>new recovery code</source>
        <translation>更换恢复码</translation>
    </message>
    <message>
        <source>remembered</source>
        <translation>记住</translation>
    </message>
    <message>
        <source>encrypted</source>
        <translation>加密</translation>
    </message>
    <message>
        <source>encrypted anew</source>
        <translation>重新加密</translation>
    </message>
    <message>
        <source>merged</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>told apart</source>
        <translation>确认非同一人</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>载入</translation>
    </message>
    <message>
        <source>mended</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>coded</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>learned</source>
        <translation>学得</translation>
    </message>
    <message>
        <source>registered</source>
        <translation>登记</translation>
    </message>
    <message>
        <source>patient</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>visit</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>user</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>clinic</source>
        <translation>病案库</translation>
    </message>
    <message>
        <source>model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>act</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>unknown term</source>
        <translation>未识别词</translation>
    </message>
    <message>
        <source>backup</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>own term</source>
        <translation>自有术语</translation>
    </message>
    <message>
        <source>vocabulary pack</source>
        <translation>术语包</translation>
    </message>
    <message>
        <source>column mapping</source>
        <translation>列对应</translation>
    </message>
    <message>
        <source>clinic file</source>
        <translation>病案库</translation>
    </message>
    <message>
        <source>free-text draft</source>
        <translation>自由文本草稿</translation>
    </message>
    <message>
        <source>import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>patients</source>
        <translation>患者</translation>
    </message>
    <message>
        <source>visits</source>
        <translation>诊次</translation>
    </message>
    <message>
        <source>active</source>
        <translation>在用</translation>
    </message>
    <message>
        <source>suspended</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>chosen for all</source>
        <translation>指定</translation>
    </message>
    <message>
        <source>no longer chosen</source>
        <translation>取消指定</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>F</source>
        <translation>女</translation>
    </message>
    <message>
        <source>M</source>
        <translation>男</translation>
    </message>
    <message>
        <source>recovered</source>
        <translation>痊愈</translation>
    </message>
    <message>
        <source>markedly better</source>
        <translation>显效</translation>
    </message>
    <message>
        <source>better</source>
        <translation>有效</translation>
    </message>
    <message>
        <source>no effect</source>
        <translation>无效</translation>
    </message>
</context>
</TS>
