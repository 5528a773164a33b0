// The time of day in the district, wherever the browser stands: the same as the server tells on every other page.
const CLOCK = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const clock = () => CLOCK.format(new Date());
