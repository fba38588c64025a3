"""What the notification of a breach and the letter to the people say, in the three languages."""

from __future__ import annotations

from types import MappingProxyType

_EN = {
    "page": "Page", "number": "Breach {number}", "unknown": "not known yet",
    "officer": "Data-protection officer (name, telephone, e-mail): ____________________",
    "title_authority": "Notification of a personal-data breach", "title_people": "A breach that concerns your data",
    "to_people": "To the people concerned",
    "by_gdpr": "We notify you under article 33 of Regulation (EU) 2016/679 (GDPR).",
    "by_led": "We notify you under article 30 of Directive (EU) 2016/680, as national law has it.",
    "by_ua": "Law of Ukraine 2297-VI obliges its owners and processors to protect personal data (article 24) and names no "
    "time for a notification. We notify you by the stricter rule that we keep: within 72 hours.",
    "first": "This is the first notification.", "more": "This adds to our notification of {sent}, reference {reference}.",
    "known": "The breach became known on {known}. The 72 hours end on {due}.",
    "delay": "Why the notification comes later than 72 hours: {delay}",
    "what": "What happened: {what}", "natures": "Kind of breach: {natures}.",
    "nature_seen": "data were seen or obtained by somebody who may not (confidentiality)",
    "nature_changed": "data were changed (integrity)", "nature_lost": "data were lost or out of reach (availability)",
    "data": "Kinds of data: {data}.", "cameras": "Cameras: {cameras}.",
    "data_recordings": "recordings", "data_plates": "plate reads", "data_faces": "faces and templates",
    "data_persons": "descriptions of people", "data_watchlist": "watchlist entries", "data_accounts": "accounts of staff",
    "data_requests": "requests of people", "data_other": "other",
    "people": "People concerned, about: {people}. Records concerned, about: {records}.",
    "consequences": "Likely consequences: {consequences}", "measures": "What was done and is planned: {measures}",
    "told": "The people concerned were told on {when}: {how}", "not_told": "The people concerned are not told, because: {how}",
    "people_open": "Whether and how the people concerned are told is not decided yet.",
    "later": "What is not known yet follows without delay.",
    "people_intro": "We run cameras in your town. Something went wrong with data that may be about you. We tell you because it "
    "may be a high risk for you.",
    "ask": "You can ask us which data about you are concerned, and complain to {authority}. This costs you nothing.",
}  # fmt: skip
_UK = {
    "page": "Сторінка", "number": "Порушення {number}", "unknown": "ще не відомо",
    "officer": "Відповідальний за захист даних (ім’я, телефон, пошта): ____________________",
    "title_authority": "Повідомлення про порушення захисту персональних даних",
    "title_people": "Порушення, що стосується ваших даних",
    "to_people": "Особам, яких це стосується",
    "by_gdpr": "Повідомляємо вас відповідно до статті 33 Регламенту (ЄС) 2016/679 (GDPR).",
    "by_led": "Повідомляємо вас відповідно до статті 30 Директиви (ЄС) 2016/680 у редакції національного закону.",
    "by_ua": "Закон України № 2297-VI зобов’язує володільців і розпорядників захищати персональні дані (стаття 24) і не "
    "встановлює строку повідомлення. Повідомляємо вас за суворішим правилом, якого дотримуємося: протягом 72 годин.",
    "first": "Це перше повідомлення.", "more": "Це доповнення до нашого повідомлення від {sent}, номер {reference}.",
    "known": "Про порушення стало відомо {known}. 72 години закінчуються {due}.",
    "delay": "Чому повідомлення надіслано пізніше ніж за 72 години: {delay}",
    "what": "Що сталося: {what}", "natures": "Вид порушення: {natures}.",
    "nature_seen": "дані побачив або отримав той, хто не має права (конфіденційність)",
    "nature_changed": "дані змінено (цілісність)", "nature_lost": "дані втрачено або вони недоступні (доступність)",
    "data": "Види даних: {data}.", "cameras": "Камери: {cameras}.",
    "data_recordings": "записи", "data_plates": "зчитані номери", "data_faces": "обличчя та шаблони",
    "data_persons": "описи людей", "data_watchlist": "записи списку розшуку", "data_accounts": "облікові записи працівників",
    "data_requests": "запити людей", "data_other": "інше",
    "people": "Приблизна кількість осіб: {people}. Приблизна кількість записів даних: {records}.",
    "consequences": "Імовірні наслідки: {consequences}", "measures": "Що зроблено і що заплановано: {measures}",
    "told": "Осіб, яких це стосується, повідомлено {when}: {how}",
    "not_told": "Осіб, яких це стосується, не повідомлено, тому що: {how}",
    "people_open": "Чи повідомляти осіб, яких це стосується, і як саме, ще не вирішено.",
    "later": "Те, що ще не відомо, повідомимо без зволікання.",
    "people_intro": "У вашому місті працюють наші камери. Сталося порушення з даними, які можуть стосуватися вас. Повідомляємо "
    "вас, бо ризик для вас може бути високим.",
    "ask": "Ви можете запитати нас, яких саме ваших даних це стосується, і поскаржитися до такого органу: {authority}. Це "
    "безоплатно.",
}  # fmt: skip
_RO = {
    "page": "Pagina", "number": "Încălcarea {number}", "unknown": "încă nu se știe",
    "officer": "Responsabilul cu protecția datelor (nume, telefon, e-mail): ____________________",
    "title_authority": "Notificarea unei încălcări a securității datelor cu caracter personal",
    "title_people": "O încălcare care privește datele dumneavoastră",
    "to_people": "Către persoanele vizate",
    "by_gdpr": "Vă notificăm în temeiul articolului 33 din Regulamentul (UE) 2016/679 (RGPD).",
    "by_led": "Vă notificăm în temeiul articolului 30 din Directiva (UE) 2016/680, astfel cum este transpusă în legea națională.",
    "by_ua": "Legea Ucrainei nr. 2297-VI obligă posesorii și administratorii să protejeze datele cu caracter personal "
    "(articolul 24) și nu prevede un termen de notificare. Vă notificăm după regula mai strictă pe care o respectăm: în 72 de "
    "ore.",
    "first": "Aceasta este prima notificare.", "more": "Aceasta completează notificarea noastră din {sent}, numărul {reference}.",
    "known": "Încălcarea a devenit cunoscută la {known}. Cele 72 de ore se încheie la {due}.",
    "delay": "De ce notificarea vine după mai mult de 72 de ore: {delay}",
    "what": "Ce s-a întâmplat: {what}", "natures": "Felul încălcării: {natures}.",
    "nature_seen": "datele au fost văzute sau obținute de cineva fără drept (confidențialitate)",
    "nature_changed": "datele au fost modificate (integritate)",
    "nature_lost": "datele s-au pierdut sau nu sunt accesibile (disponibilitate)",
    "data": "Feluri de date: {data}.", "cameras": "Camere: {cameras}.",
    "data_recordings": "înregistrări", "data_plates": "citiri de numere", "data_faces": "fețe și șabloane",
    "data_persons": "descrieri de persoane", "data_watchlist": "intrări pe lista de căutare",
    "data_accounts": "conturi ale personalului", "data_requests": "cereri ale persoanelor", "data_other": "altele",
    "people": "Persoane vizate, aproximativ: {people}. Înregistrări de date vizate, aproximativ: {records}.",
    "consequences": "Consecințe probabile: {consequences}", "measures": "Ce s-a făcut și ce se va face: {measures}",
    "told": "Persoanele vizate au fost informate la {when}: {how}",
    "not_told": "Persoanele vizate nu sunt informate, deoarece: {how}",
    "people_open": "Încă nu s-a decis dacă și cum sunt informate persoanele vizate.",
    "later": "Ce încă nu se știe comunicăm fără întârziere.",
    "people_intro": "Avem camere în orașul dumneavoastră. S-a produs o încălcare cu date care vă pot privi. Vă informăm pentru că "
    "riscul pentru dumneavoastră poate fi ridicat.",
    "ask": "Ne puteți întreba ce date despre dumneavoastră sunt vizate și vă puteți plânge la {authority}. Este gratuit.",
}  # fmt: skip
WORDS = MappingProxyType({"en": _EN, "uk": _UK, "ro": _RO})
"""Each language has every word."""
