"""What the record of departures and the notices to recipients say, in the three languages."""

from __future__ import annotations

from types import MappingProxyType

_EN = {
    "title": "What left the node, to whom and on what ground", "node": "Node", "organisation": "Organisation",
    "span": "From, to", "count": "Departures", "made": "Made", "page": "Page", "nothing": "Nothing left in this time.",
    "cut": "More left in this time than stands here: these are the newest. Ask for a shorter time to see the rest.",
    "asked": "Asked for by", "asked-text": "Directive (EU) 2016/680, articles 37(3) and 38(3); GDPR, article 30(1)(d) and (e)",
    "gone": "Left", "recipient": "Recipient", "basis": "Ground", "reference": "Paper", "data": "Data", "cameras": "Cameras",
    "covers": "Recorded", "case": "Case", "permit": "Permit", "by": "Ordered by", "handed": "Taken out by", "hash": "SHA-256",
    "export": "Package of evidence", "watchlist": "File of plates sought", "persons": "File of persons sought",
    "letter": "Answer to a person",
    "own": "own case", "police": "police", "court": "court or prosecutor", "rescue": "rescue service",
    "town": "municipality", "private": "private body", "person": "person concerned",
    "pictures": "pictures as recorded", "pictures-covered": "pictures with people or plates covered", "alarms": "alarms",
    "plates": "plate reads", "stills": "stills", "custody": "log of who touched the footage",
    "sought-persons": "persons sought, with ground and case", "sought-faces": "pictures of persons sought",
    "sought-vehicles": "plates sought, with ground and case", "request": "the person's own request",
    "order": "order of a court or prosecutor", "article": "article", "articles": "articles", "and": "and",
    "led": "Directive (EU) 2016/680", "gdpr": "GDPR", "ua": "Law of Ukraine 2297-VI",
}  # fmt: skip
_UK = {
    "title": "Що вийшло з вузла, кому і на якій підставі", "node": "Вузол", "organisation": "Організація",
    "span": "Від, до", "count": "Передач", "made": "Складено", "page": "Сторінка", "nothing": "За цей час нічого не передано.",
    "cut": "За цей час передано більше, ніж тут зазначено: це найновіші передачі. Решту покаже коротший проміжок часу.",
    "asked": "Вимога", "asked-text": "Директива (ЄС) 2016/680, статті 37(3) і 38(3); GDPR, стаття 30(1)(d) і (e)",
    "gone": "Передано", "recipient": "Одержувач", "basis": "Підстава", "reference": "Документ", "data": "Дані", "cameras": "Камери",
    "covers": "Записано", "case": "Справа", "permit": "Дозвіл", "by": "Замовлено", "handed": "Забрано", "hash": "SHA-256",
    "export": "Пакет доказів", "watchlist": "Файл розшукуваних номерів", "persons": "Файл розшукуваних осіб",
    "letter": "Відповідь людині",
    "own": "власна справа", "police": "поліція", "court": "суд або прокурор", "rescue": "рятувальна служба",
    "town": "муніципалітет", "private": "приватна установа", "person": "сама особа",
    "pictures": "зображення, як записано", "pictures-covered": "зображення, де людей або номери закрито", "alarms": "тривоги",
    "plates": "зчитані номери", "stills": "окремі кадри", "custody": "журнал, хто працював із записами",
    "sought-persons": "розшукувані особи з підставою і справою", "sought-faces": "фото розшукуваних осіб",
    "sought-vehicles": "розшукувані номери з підставою і справою", "request": "власний запит особи",
    "order": "рішення суду або постанова прокурора", "article": "стаття", "articles": "статті", "and": "і",
    "led": "Директива (ЄС) 2016/680", "gdpr": "GDPR", "ua": "Закон України № 2297-VI",
}  # fmt: skip
_RO = {
    "title": "Ce a ieșit din nod, către cine și pe ce temei", "node": "Nod", "organisation": "Organizația",
    "span": "De la, până la", "count": "Transferuri", "made": "Întocmit", "page": "Pagina",
    "nothing": "În acest interval nu a ieșit nimic.",
    "cut": "În acest interval au fost mai multe transferuri decât aici, unde stau cele mai noi. Un interval mai scurt arată restul.",
    "asked": "Cerut de", "asked-text": "Directiva (UE) 2016/680, articolele 37(3) și 38(3); RGPD, articolul 30(1)(d) și (e)",
    "gone": "Ieșit la", "recipient": "Destinatar", "basis": "Temei", "reference": "Document", "data": "Date", "cameras": "Camere",
    "covers": "Înregistrat", "case": "Dosar", "permit": "Permis", "by": "Comandat de", "handed": "Ridicat de", "hash": "SHA-256",
    "export": "Pachet de probe", "watchlist": "Fișier cu numere urmărite", "persons": "Fișier cu persoane urmărite",
    "letter": "Răspuns către o persoană",
    "own": "dosar propriu", "police": "poliție", "court": "instanță sau procuror", "rescue": "serviciu de salvare",
    "town": "primărie", "private": "organism privat", "person": "persoana vizată",
    "pictures": "imagini așa cum au fost înregistrate", "pictures-covered": "imagini cu oameni sau numere acoperite", "alarms": "alarme",
    "plates": "citiri de numere", "stills": "cadre", "custody": "jurnalul celor care au lucrat cu înregistrările",
    "sought-persons": "persoane urmărite, cu temei și dosar", "sought-faces": "fotografii ale persoanelor urmărite",
    "sought-vehicles": "numere urmărite, cu temei și dosar", "request": "cererea persoanei însăși",
    "order": "hotărâre a unei instanțe sau dispoziție a procurorului", "article": "articolul", "articles": "articolele", "and": "și",
    "led": "Directiva (UE) 2016/680", "gdpr": "RGPD", "ua": "Legea Ucrainei nr. 2297-VI",
}  # fmt: skip
WORDS = MappingProxyType({"en": _EN, "uk": _UK, "ro": _RO})
"""Each language has every word."""


def law_text(law: str, language: str) -> str:
    """A ground's article as `transfers.toml` has it, in another language."""
    words = WORDS[language]
    if law == "an order of a court or prosecutor":
        return words["order"]
    for name in ("led", "gdpr", "ua", "articles", "article"):
        law = law.replace(_EN[name], words[name])
    return law.replace(" and ", f" {words['and']} ")


_NOTICE_EN = {
    "title": "Data that you got from us are wrong", "number": "Notice {number}",
    "officer": "Data-protection officer: ____________________",
    "got": "You got this from us: {what}, transfer {number}, on {at}. SHA-256: {sha256}. Of a package it is that of its manifest.",
    "cause-request": "A person had a right to have these data corrected, erased or restricted, and we granted it.",
    "cause-misread": "A plate in it was misread.",
    "cause-entry": "A plate or a person in it should not have been sought.",
    "cause-face": "A person in it was taken for somebody else; two people had confirmed it, and it is undone.",
    "fact-plate": "Plate", "fact-wrong": "Wrong is",
    "fact-right": "Right is", "fact-camera": "Camera", "fact-time": "Time", "fact-from": "From",
    "fact-to": "To", "fact-person": "Person", "fact-reason": "Reason",
    "correct": "Correct it in everything that you made of it, and tell those to whom you passed it on.",
    "erase": "Erase it and everything that you made of it, unless a law makes you keep it, and tell those to whom you passed it on.",
    "restrict": "Use it no more but for legal claims or the rights of others, and tell those to whom you passed it on.",
    "confirm": "Confirm to us that it is done by {due}: within 72 hours of when we found it.",
}  # fmt: skip
_NOTICE_UK = {
    "title": "Дані, які ви від нас отримали, неправильні", "number": "Повідомлення {number}",
    "officer": "Відповідальний за захист даних: ____________________",
    "got": "Ви отримали від нас: {what}, передача {number}, {at}. SHA-256: {sha256}. Для пакета це хеш його маніфесту.",
    "cause-request": "Людина мала право на виправлення, видалення або обмеження цих даних, і ми задовольнили її запит.",
    "cause-misread": "Номерний знак у них прочитано неправильно.",
    "cause-entry": "Номерний знак або особу в них не мали розшукувати.",
    "cause-face": "Людину в них прийняли за іншу; збіг підтвердили двоє людей, і його скасовано.",
    "fact-plate": "Номерний знак", "fact-wrong": "Неправильно",
    "fact-right": "Правильно", "fact-camera": "Камера", "fact-time": "Час", "fact-from": "Від",
    "fact-to": "До", "fact-person": "Особа", "fact-reason": "Причина",
    "correct": "Виправте це в усьому, що ви з них зробили, і повідомте тих, кому їх передали.",
    "erase": "Видаліть їх і все, що ви з них зробили, якщо закон не зобов’язує їх зберігати, і повідомте тих, кому їх передали.",
    "restrict": "Не використовуйте їх, крім правових вимог або захисту прав інших, і повідомте тих, кому їх передали.",
    "confirm": "Підтвердьте нам виконання до {due}: протягом 72 годин, відколи ми це виявили.",
}  # fmt: skip
_NOTICE_RO = {
    "title": "Date primite de la noi sunt greșite", "number": "Înștiințarea {number}",
    "officer": "Responsabilul cu protecția datelor: ____________________",
    "got": "Ați primit de la noi: {what}, transferul {number}, la {at}. SHA-256: {sha256}. La un pachet, este amprenta manifestului său.",
    "cause-request": "O persoană avea dreptul la rectificarea, ștergerea sau restricționarea acestor date, iar noi am admis cererea.",
    "cause-misread": "Un număr de înmatriculare din ele a fost citit greșit.",
    "cause-entry": "Un număr de înmatriculare sau o persoană din ele nu ar fi trebuit urmărită.",
    "cause-face": "O persoană din ele a fost luată drept alta; doi oameni confirmaseră, iar confirmarea este anulată.",
    "fact-plate": "Număr", "fact-wrong": "Greșit este",
    "fact-right": "Corect este", "fact-camera": "Camera", "fact-time": "Ora", "fact-from": "De la",
    "fact-to": "Până la", "fact-person": "Persoana", "fact-reason": "Motivul",
    "correct": "Corectați în tot ce ați făcut din ele și înștiințați-i pe cei cărora le-ați transmis.",
    "erase": "Ștergeți-le împreună cu tot ce ați făcut din ele, dacă legea nu vă obligă să le păstrați, și înștiințați-i pe cei cărora "
    "le-ați transmis.",
    "restrict": "Nu le mai folosiți decât pentru drepturi în instanță sau pentru drepturile altora și înștiințați-i pe cei cărora "
    "le-ați transmis.",
    "confirm": "Confirmați-ne până la {due} că s-a făcut: în 72 de ore de când am constatat.",
}  # fmt: skip
NOTICE = MappingProxyType({"en": _NOTICE_EN, "uk": _NOTICE_UK, "ro": _NOTICE_RO})
"""What a notice to a recipient says."""
