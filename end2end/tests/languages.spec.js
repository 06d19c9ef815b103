// English and Hebrew: the pages by choice or by the browser's wish, the API by the browser's wish alone.

import { expect, test } from "../support/fixtures.js";

const HEBREW_LETTER = /[\u0590-\u05ff]/;

test("every page uses the browser's language, and the switch overrides it for good", async ({ browser, start }) => {
  const server = await start({ args: ["--demo"] });
  const context = await browser.newContext({ locale: "he-IL" });
  const page = await context.newPage();
  for (const path of ["/", "/calls/demo-failing", "/status", "/nowhere"]) {
    await page.goto(server.url + path);
    await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await page.title(), path).toMatch(path.startsWith("/calls") ? /שיחה demo-failing/ : HEBREW_LETTER);
  }
  await page.goto(`${server.url}/status`);
  await page.getByRole("link", { name: "English" }).click();
  await expect(page).toHaveURL(`${server.url}/status?lang=en`);
  await page.getByRole("link", { name: "Calls", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await context.close();
});

test("the API's words follow Accept-Language", async ({ start }) => {
  const server = await start();
  const ask = (language) => fetch(`${server.url}/api/calls/CA-none`, { headers: { "accept-language": language } });
  const hebrew = await ask("he");
  expect(hebrew.headers.get("content-language")).toBe("he");
  expect(hebrew.headers.get("vary")).toBe("Accept-Language");
  expect((await hebrew.json()).detail).toBe("לא רשומה שיחה עם המזהה הזה");
  expect((await (await ask("de")).json()).detail).toBe("No call with this id is registered");
});
