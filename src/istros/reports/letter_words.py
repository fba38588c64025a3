"""What letters to people who ask about themselves say, in the three languages."""

from __future__ import annotations

from types import MappingProxyType

_EN = {
    "page": "Page", "number": "Request {number}", "officer": "Data-protection officer: ____________________",
    "title_receipt": "We have received your request", "title_extension": "Your request takes longer",
    "title_answer": "Answer to your request",
    "asked_access": "access to recordings of you", "asked_erasure": "erasure", "asked_restriction": "restriction of use",
    "asked_objection": "objection to use", "asked_rectification": "correction of wrong data",
    "about": "On {received} you asked us about: {asked} ({law}). You named the time from {start} to {end}.",
    "said_wrong": "You wrote that this is wrong: “{wrong}”, and that it should be: “{right}”.",
    "receipt": "We look for what there is from an hour before to an hour after that time, and keep it until your request is "
    "answered. You get our answer by {due}.",
    "extension": "Because of the number or the difficulty of requests we need more time. You get our answer by {due}. Our "
    "reason: {reason}",
    "granted_access": "We grant your request. You get what shows you, with other people and their plates covered, so that "
    "their rights are kept too.",
    "granted_rectification": "We grant your request. It is corrected to: “{corrected}”. Everybody who got the wrong data from us "
    "is told to correct them.",
    "corrected": "It is corrected to: “{corrected}”. Everybody who got the wrong data from us is told to correct them.",
    "granted_erasure": "We grant your request. Plate reads of your vehicle that were erased: {erased}. Recordings are "
    "erased when their retention is over, unless a law or a case requires that they be kept.",
    "granted_restriction": "We grant your request. The recordings are kept, and used only for legal claims, for the rights "
    "of another person, or as the law says otherwise.",
    "granted_objection": "We grant your request and no longer use the data for the purpose to which you object.",
    "part": "We grant your request in part. What we do not grant, and why: {reasons}",
    "refused": "We cannot grant your request. Our reasons: {reasons}",
    "neither": "We can neither confirm nor deny that data about you are processed. The law allows this where an answer could "
    "harm an investigation, public security or the rights of others. You can have the supervisory authority check for you "
    "whether your data are processed lawfully.",
    "ground": "Legal ground of this decision: {ground}.",
    "rights": "You can complain to {authority}, and go to court. The answer costs you nothing.",
    "kept": "We keep this request for three years after the answer, so that it can be checked, and erase it then.",
}  # fmt: skip
_UK = {
    "page": "Сторінка", "number": "Запит {number}",
    "officer": "Відповідальний за захист даних: ____________________",
    "title_receipt": "Ми отримали ваш запит", "title_extension": "Розгляд вашого запиту триватиме довше",
    "title_answer": "Відповідь на ваш запит",
    "asked_access": "доступ до записів, на яких є ви", "asked_erasure": "видалення",
    "asked_restriction": "обмеження використання",
    "asked_objection": "заперечення проти використання", "asked_rectification": "виправлення неправильних даних",
    "about": "{received} ви звернулися до нас щодо такого: {asked} ({law}). Ви назвали час від {start} до {end}.",
    "said_wrong": "Ви написали, що неправильно таке: «{wrong}», а правильно так: «{right}».",
    "receipt": "Ми шукаємо записи від однієї години до й до однієї години після названого часу і зберігаємо їх, доки не "
    "відповімо на запит. Відповідь ви отримаєте до {due}.",
    "extension": "Через кількість або складність запитів нам потрібно більше часу. Відповідь ви отримаєте до {due}. Причина: {reason}",
    "granted_access": "Ми задовольняємо ваш запит. Ви отримуєте те, на чому є ви; інших людей і їхні номерні знаки "
    "закрито, щоб не порушити їхніх прав.",
    "granted_rectification": "Ми задовольняємо ваш запит. Виправлено так: «{corrected}». Усіх, хто отримав від нас неправильні "
    "дані, повідомляють, щоб вони їх виправили.",
    "corrected": "Виправлено так: «{corrected}». Усіх, хто отримав від нас неправильні дані, повідомляють, щоб вони їх виправили.",
    "granted_erasure": "Ми задовольняємо ваш запит. Видалено зчитувань номера вашого транспортного засобу: {erased}. "
    "Записи видаляються після закінчення строку зберігання, якщо закон або справа не вимагає їх зберегти.",
    "granted_restriction": "Ми задовольняємо ваш запит. Записи зберігаються і використовуються лише для правових вимог, для "
    "захисту прав іншої особи або в інших випадках, передбачених законом.",
    "granted_objection": "Ми задовольняємо ваш запит і більше не використовуємо дані з метою, проти якої ви заперечуєте.",
    "part": "Ми задовольняємо ваш запит частково. Чого ми не задовольняємо і чому: {reasons}",
    "refused": "Ми не можемо задовольнити ваш запит. Причини: {reasons}",
    "neither": "Ми не можемо ні підтвердити, ні заперечити, що ваші дані обробляються. Закон дозволяє таку відповідь, якщо "
    "інша могла б зашкодити розслідуванню, громадській безпеці або правам інших. Ви можете попросити наглядовий орган "
    "перевірити за вас, чи законно обробляються ваші дані.",
    "ground": "Правова підстава рішення: {ground}.",
    "rights": "Ви можете поскаржитися до такого органу: {authority}, а також звернутися до суду. Відповідь для вас безоплатна.",
    "kept": "Ми зберігаємо цей запит три роки після відповіді, щоб його можна було перевірити, а потім видаляємо.",
}  # fmt: skip
_RO = {
    "page": "Pagina", "number": "Cererea {number}",
    "officer": "Responsabilul cu protecția datelor: ____________________",
    "title_receipt": "Am primit cererea dumneavoastră", "title_extension": "Cererea dumneavoastră necesită mai mult timp",
    "title_answer": "Răspuns la cererea dumneavoastră",
    "asked_access": "accesul la înregistrările în care apăreți", "asked_erasure": "ștergerea",
    "asked_restriction": "restricționarea folosirii",
    "asked_objection": "opoziția față de folosire", "asked_rectification": "rectificarea unor date greșite",
    "about": "La {received} ne-ați cerut următoarele: {asked} ({law}). Ați indicat intervalul de la {start} până la {end}.",
    "said_wrong": "Ați scris că este greșit: „{wrong}”, iar corect este: „{right}”.",
    "receipt": "Căutăm ce există de la o oră înainte până la o oră după acest interval și păstrăm până când răspundem cererii. "
    "Veți primi răspunsul nostru până la {due}.",
    "extension": "Din cauza numărului sau a dificultății cererilor avem nevoie de mai mult timp. Veți primi răspunsul nostru până la "
    "{due}. Motivul: {reason}",
    "granted_access": "Admitem cererea dumneavoastră. Primiți ceea ce vă arată pe dumneavoastră; ceilalți oameni și numerele "
    "lor de înmatriculare sunt acoperite, pentru a le respecta drepturile.",
    "granted_rectification": "Admitem cererea dumneavoastră. S-a corectat astfel: „{corrected}”. Toți cei care au primit de la noi "
    "datele greșite sunt înștiințați să le corecteze.",
    "corrected": "S-a corectat astfel: „{corrected}”. Toți cei care au primit de la noi datele greșite sunt înștiințați să le corecteze.",
    "granted_erasure": "Admitem cererea dumneavoastră. Citiri ale numărului vehiculului dumneavoastră care au fost șterse: "
    "{erased}. Înregistrările se șterg la sfârșitul termenului de păstrare, dacă legea sau un dosar nu cere păstrarea lor.",
    "granted_restriction": "Admitem cererea dumneavoastră. Înregistrările sunt păstrate și folosite numai pentru drepturi în "
    "justiție, pentru drepturile altei persoane sau în alte cazuri prevăzute de lege.",
    "granted_objection": "Admitem cererea dumneavoastră și nu mai folosim datele în scopul la care vă opuneți.",
    "part": "Admitem cererea dumneavoastră în parte. Ce nu admitem și de ce: {reasons}",
    "refused": "Nu putem admite cererea dumneavoastră. Motivele noastre: {reasons}",
    "neither": "Nu putem nici confirma, nici infirma că se prelucrează date despre dumneavoastră. Legea permite acest lucru "
    "atunci când un răspuns ar putea dăuna unei anchete, siguranței publice sau drepturilor altora. Puteți cere autorității "
    "de supraveghere să verifice pentru dumneavoastră dacă datele sunt prelucrate legal.",
    "ground": "Temeiul legal al acestei decizii: {ground}.",
    "rights": "Vă puteți plânge la {authority} și vă puteți adresa instanței. Răspunsul este gratuit.",
    "kept": "Păstrăm această cerere trei ani după răspuns, ca să poată fi verificată, apoi o ștergem.",
}  # fmt: skip
WORDS = MappingProxyType({"en": _EN, "uk": _UK, "ro": _RO})
"""Each language has every word."""

AUTHORITIES = MappingProxyType(
    {
        "ro": {
            "en": "the National Supervisory Authority for Personal Data Processing (ANSPDCP), Bucharest, dataprotection.ro",
            "uk": "Національний орган нагляду за обробкою персональних даних (ANSPDCP), Бухарест, dataprotection.ro",
            "ro": "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal (ANSPDCP), București, "
            "dataprotection.ro",
        },
        "ua": {
            "en": "the Ukrainian Parliament Commissioner for Human Rights, Kyiv, ombudsman.gov.ua",
            "uk": "Уповноважений Верховної Ради України з прав людини, Київ, ombudsman.gov.ua",
            "ro": "Comisarul pentru Drepturile Omului al Radei Supreme a Ucrainei, Kiev, ombudsman.gov.ua",
        },
    }
)
"""To whom a person complains: by the country of the law, in the language of the letter."""

LAWS = MappingProxyType(
    {
        "en": {"gdpr": "GDPR", "led": "Directive (EU) 2016/680", "ua": "Law of Ukraine 2297-VI"},
        "uk": {"gdpr": "GDPR", "led": "Директива (ЄС) 2016/680", "ua": "Закон України № 2297-VI"},
        "ro": {"gdpr": "RGPD", "led": "Directiva (UE) 2016/680", "ua": "Legea Ucrainei nr. 2297-VI"},
    }
)
"""The law's name in the language of the letter."""
