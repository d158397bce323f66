// Every sentence of the page itself, in the three languages a person can switch to.
// What the bot says comes from the bot and is never translated here.

/** key: [en-US, zh-CN, zh-TW]; `{name}` is filled in. */
const WORDS = {
  title: ["First Mate · local Discord", "大副 · 本地 Discord", "大副 · 本機 Discord"],
  skip: ["Skip to the message box", "跳到输入框", "跳到輸入框"],
  channels: ["Channels", "频道", "頻道"],
  channelList: ["Channel list", "频道列表", "頻道清單"],
  openChannels: ["Open the channel list", "打开频道列表", "開啟頻道清單"],
  closeChannels: ["Close the channel list", "关闭频道列表", "關閉頻道清單"],
  textChannels: ["Text channels", "文字频道", "文字頻道"],
  directMessages: ["Direct messages", "私信", "私人訊息"],
  thread: ["Thread", "子区", "討論串"],
  unread: ["unread", "未读", "未讀"],
  members: ["Members", "成员", "成員"],
  toggleMembers: ["Member list", "成员列表", "成員清單"],
  apps: ["Apps", "应用", "應用程式"],
  everyone: ["No role", "无身份组", "沒有身分組"],
  messages: ["Messages in {channel}", "{channel} 的消息", "{channel} 的訊息"],
  online: ["Online", "在线", "線上"],
  offline: ["Offline", "离线", "離線"],
  connecting: ["Reconnecting to the local Discord…", "正在重新连接本地 Discord…", "正在重新連線至本機 Discord…"],
  person: ["You are", "当前身份", "目前身分"],
  language: ["Language", "语言", "語言"],
  toLight: ["Switch to the light theme", "切换到浅色主题", "切換為淺色主題"],
  toDark: ["Switch to the dark theme", "切换到深色主题", "切換為深色主題"],
  welcomeChannel: ["Welcome to #{channel}!", "欢迎来到 #{channel}！", "歡迎來到 #{channel}！"],
  startChannel: ["This is the start of the #{channel} channel.", "这里是 #{channel} 频道的开头。", "這裡是 #{channel} 頻道的開頭。"],
  startDirect: ["This is the beginning of your direct messages with {name}.", "这里是您与 {name} 的私信开头。", "這裡是您與 {name} 私人訊息的開頭。"],
  startThread: ["This is the start of the thread.", "这里是该子区的开头。", "這裡是此討論串的開頭。"],
  tryAsking: ["Ask something, or type / to see the commands:", "直接提问，或输入 / 查看命令：", "直接提問，或輸入 / 查看指令："],
  example1: ["A pod keeps restarting with CrashLoopBackOff", "Pod 一直 CrashLoopBackOff 重启怎么办", "Pod 一直 CrashLoopBackOff 重啟怎麼辦"],
  example2: ["A node is NotReady, where do I start?", "节点 NotReady 从哪里查起", "節點 NotReady 要從哪裡查起"],
  example3: ["Pods cannot reach a Service", "Pod 访问不了 Service 怎么排查", "Pod 連不上 Service 該怎麼排查"],
  placeholder: ["Message {channel}", "发消息到 {channel}", "傳訊息到 {channel}"],
  placeholderDirect: ["Message @{name}", "给 @{name} 发消息", "傳訊息給 @{name}"],
  messageBox: ["Message box", "输入框", "訊息輸入框"],
  send: ["Send", "发送", "傳送"],
  mention: ["Mention {name}", "提及 {name}", "提及 {name}"],
  attach: ["Attach a file", "添加附件", "附加檔案"],
  removeFile: ["Remove {name}", "移除 {name}", "移除 {name}"],
  dropFiles: ["Drop files to attach them", "松开即可添加附件", "放開即可附加檔案"],
  filesToSend: ["Files to send", "待发送的附件", "待傳送的附件"],
  replyingTo: ["Replying to {name}", "正在回复 {name}", "正在回覆 {name}"],
  cancelReply: ["Cancel the reply", "取消回复", "取消回覆"],
  commands: ["Commands", "命令", "指令"],
  commandsMatching: ["Commands matching /{text}", "匹配 /{text} 的命令", "符合 /{text} 的指令"],
  noCommands: ["The bot has registered no command that matches.", "机器人没有注册匹配的命令。", "機器人沒有註冊符合的指令。"],
  people: ["People", "成员", "成員"],
  required: ["required", "必填", "必填"],
  optional: ["optional", "可选", "選填"],
  addOption: ["Add option {name}", "添加选项 {name}", "新增選項 {name}"],
  removeOption: ["Remove option {name}", "移除选项 {name}", "移除選項 {name}"],
  cancelCommand: ["Cancel the command", "取消命令", "取消指令"],
  optionNeeded: ["“{name}” is required.", "“{name}”为必填项。", "「{name}」為必填。"],
  optionNumber: ["“{name}” must be a number.", "“{name}”必须是数字。", "「{name}」必須是數字。"],
  optionChoice: ["“{name}” must be one of the choices.", "“{name}”只能从列表中选择。", "「{name}」只能從清單中選擇。"],
  yes: ["True", "True（是）", "True（是）"],
  no: ["False", "False（否）", "False（否）"],
  loadingChoices: ["Loading choices…", "正在加载选项…", "正在載入選項…"],
  noChoices: ["No choice matches.", "没有匹配的选项。", "沒有符合的選項。"],
  choicesFailed: ["Loading the choices failed.", "加载选项失败。", "載入選項失敗。"],
  usedCommand: ["{name} used ", "{name} 使用了 ", "{name} 使用了 "],
  jumpTo: ["Go to the message", "跳到该消息", "跳至該訊息"],
  originalGone: ["The original message is not here any more", "原消息已不在此处", "原訊息已不存在"],
  attachmentOnly: ["Click to see the attachment", "点击查看附件", "點擊查看附件"],
  thinking: ["{name} is thinking…", "{name} 正在思考…", "{name} 正在思考…"],
  edited: ["(edited)", "（已编辑）", "（已編輯）"],
  onlyYou: ["Only you can see this", "只有您能看到此消息", "只有您能看到此訊息"],
  dismiss: ["Dismiss message", "忽略消息", "忽略訊息"],
  failed: ["This interaction failed", "此交互失败", "此互動失敗"],
  noResponse: ["The application did not respond", "该应用未响应", "該應用程式未回應"],
  more: ["More", "更多", "更多"],
  moreFor: ["More actions for the message by {name}", "对 {name} 的消息的更多操作", "對 {name} 的訊息的更多動作"],
  reply: ["Reply", "回复", "回覆"],
  createThread: ["Create thread", "创建子区", "建立討論串"],
  threadName: ["Thread name", "子区名称", "討論串名稱"],
  openThread: ["Open the thread", "打开子区", "開啟討論串"],
  startedThread: ["{name} started a thread: ", "{name} 创建了子区：", "{name} 建立了討論串："],
  copyText: ["Copy text", "复制文本", "複製文字"],
  copyId: ["Copy user ID", "复制用户 ID", "複製使用者 ID"],
  copyCode: ["Copy code", "复制代码", "複製程式碼"],
  copied: ["Copied", "已复制", "已複製"],
  notCopied: ["The browser did not allow copying", "浏览器不允许复制", "瀏覽器不允許複製"],
  noApps: ["No app commands", "没有应用命令", "沒有應用程式指令"],
  menuFor: ["Actions for {name}", "{name} 的操作", "{name} 的動作"],
  spoiler: ["Spoiler, press to show", "剧透，点击显示", "劇透，點擊顯示"],
  download: ["Download {name}", "下载 {name}", "下載 {name}"],
  expand: ["Expand", "展开", "展開"],
  collapse: ["Collapse", "收起", "收合"],
  choose: ["Make a selection", "请选择", "請選擇"],
  done: ["Done", "完成", "完成"],
  chooseAtLeast: ["Choose at least {count}", "至少选择 {count} 项", "至少選擇 {count} 項"],
  cancel: ["Cancel", "取消", "取消"],
  close: ["Close", "关闭", "關閉"],
  submit: ["Submit", "提交", "送出"],
  create: ["Create", "创建", "建立"],
  fieldNeeded: ["This field is required", "此项为必填", "此欄必填"],
  fieldShort: ["At least {count} characters", "至少 {count} 个字符", "至少 {count} 個字元"],
  jumpToPresent: ["Jump to present", "跳到最新消息", "跳至最新訊息"],
  trouble: ["Trouble", "故障注入", "故障注入"],
  troubleOn: ["Trouble: {list}", "故障注入：{list}", "故障注入：{list}"],
  troubleRest: ["HTTP API", "HTTP API", "HTTP API"],
  troubleGateway: ["Gateway", "网关", "閘道"],
  fault429: ["429 for 3 requests", "接下来 3 个请求返回 429", "接下來 3 個請求回應 429"],
  fault500: ["500 for 3 requests", "接下来 3 个请求返回 500", "接下來 3 個請求回應 500"],
  fault503: ["503 for 3 requests", "接下来 3 个请求返回 503", "接下來 3 個請求回應 503"],
  faultSlow: ["Every answer {seconds} s late", "每个响应延迟 {seconds} 秒", "每個回應延遲 {seconds} 秒"],
  faultDrop: ["Drop the connection (TCP)", "断开连接（TCP）", "中斷連線（TCP）"],
  faultClose: ["Close with code {code}", "以关闭码 {code} 断开", "以關閉碼 {code} 中斷"],
  faultCloseNone: ["Close without a code", "无关闭码断开", "不帶關閉碼中斷"],
  faultOp7: ["Op 7: reconnect", "Op 7：要求重连", "Op 7：要求重新連線"],
  faultOp9Yes: ["Op 9: session can resume", "Op 9：会话可恢复", "Op 9：工作階段可恢復"],
  faultOp9No: ["Op 9: session is gone", "Op 9：会话已失效", "Op 9：工作階段已失效"],
  faultUnparsable: ["An event the client cannot parse", "客户端无法解析的事件", "用戶端無法解析的事件"],
  "lasting-status": ["answers {status}", "返回 {status}", "回應 {status}"],
  "lasting-slow": ["{seconds} s late", "延迟 {seconds} 秒", "延遲 {seconds} 秒"],
  "lasting-unparsable": ["unparsable events", "无法解析的事件", "無法解析的事件"],
  "lasting-left": [" ({left} left)", "（还剩 {left} 次）", "（還剩 {left} 次）"],
  comma: [", ", "、", "、"],
  faultOff: ["No trouble", "关闭所有故障", "關閉所有故障"],
  today: ["Today at {time}", "今天 {time}", "今天 {time}"],
  yesterday: ["Yesterday at {time}", "昨天 {time}", "昨天 {time}"],
  "no-too-long": ["A message can have 2000 characters at most.", "一条消息最多 2000 个字符。", "一則訊息最多 2000 個字元。"],
  "no-too-large": ["A file can have 10 MB at most.", "单个附件最多 10 MB。", "單個附件最多 10 MB。"],
  "no-gone": ["The message is gone.", "该消息已不存在。", "該訊息已不存在。"],
  "no-form": ["The form is closed. Open it once more.", "该表单已关闭，请重新打开。", "該表單已關閉，請重新開啟。"],
  "no-thread": ["No thread can be opened on this message.", "无法在这条消息上创建子区。", "無法在這則訊息上建立討論串。"],
  bytes: ["{count} bytes", "{count} 字节", "{count} 位元組"],
  unreachable: ["The local Discord cannot be reached.", "无法连接本地 Discord。", "無法連線至本機 Discord。"],
};

const COLUMN = { "zh-CN": 1, "zh-TW": 2 };
let locale = "en-US";

/** The locale that words, dates and command names are shown in. */
export const currentLocale = () => locale;

/** One sentence in the current language. */
export function say(key, values = {}) {
  const columns = WORDS[key];
  const text = columns?.[COLUMN[locale] ?? 0] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Switches the language and rewrites the fixed words of index.html. */
export function speak(newLocale) {
  locale = newLocale in COLUMN ? newLocale : "en-US";
  document.documentElement.lang = locale;
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]")) {
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
    if (element.matches("button, select")) element.title = say(element.dataset.sayLabel);
  }
}

const format = (date, options) => new Intl.DateTimeFormat(locale, options).format(date);
const DAY = 86_400_000;

/** "10:04" */
export const clockTime = (date) => format(date, { hour: "numeric", minute: "2-digit" });

/** "January 1, 2026" */
export const longDate = (date) => format(date, { dateStyle: "long" });

/** The time beside a name: "Today at 10:04", or the date when it is older. */
export function messageTime(date, now) {
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY);
  if (days === 0) return say("today", { time: clockTime(date) });
  if (days === 1) return say("yesterday", { time: clockTime(date) });
  return format(date, { dateStyle: "short", timeStyle: "short" });
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

const TIME_STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};

/** A `<t:…:style>` time of a message. */
export function styledTime(date, style, now) {
  return style === "R" ? relativeTime(date, now) : format(date, TIME_STYLES[style] ?? TIME_STYLES.f);
}

const UNITS = [["year", 365 * DAY], ["month", 30 * DAY], ["day", DAY], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000]];

function relativeTime(date, now) {
  const difference = date - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(difference) >= size) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(difference / size), unit);
}

/** "12.4 KB" */
export function fileSize(bytes) {
  const units = ["KB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length);
  if (power === 0) return say("bytes", { count: bytes });
  const value = bytes / 1024 ** power;
  return `${value.toFixed(value < 10 ? 2 : 1)} ${units[power - 1]}`;
}
