//! The words by which amounts, and what is none, are told. What an office may have others of is in
//! [`ScrubRules`](crate::ScrubRules).

/// Words with spaces between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(&'static str);

impl Words {
    pub(super) fn all(self) -> impl Iterator<Item = &'static str> {
        self.0.split(' ')
    }

    /// Whether a word in lower case is one of them.
    pub(super) fn has(self, word: &str) -> bool {
        self.all().any(|it| it == word)
    }
}

/// Names and abbreviations of currencies, beside the codes of ISO 4217.
pub(super) const CURRENCIES: Words = Words(
    "baht buck bucks cent cents dhs dirham dirhams dollar dollars euro euros franc francs franken kr krona \
     krone kroner kronor kuna lira pence peso pesos pound pounds quid rand rmb rs ruble rubles rupee \
     rupees sfr shekel shekels sterling usdc usdt yen yuan zl zloty zł kč rp ksh руб 円 元 원",
);

/// Codes of ISO 4217 that are words as well: they count in capitals, and beside a large number.
pub(super) const CODES_LIKE_WORDS: Words = Words(
    "all amd ang ars bam bob che cop crc cup gel kid lak mad mop mur nad pen php ron rub sar sos std svc tl \
     top try vnd wst xts xxx",
);

/// What stands between a number and the name of its currency: `900 US dollars`.
pub(super) const OF_A_COUNTRY: Words = Words(
    "american australian british canadian caribbean eastern ec k m mexican mio mln mn s singapore \
     swiss u uk us",
);

/// What stands before the sign of a currency: `US$`, `k€`.
pub(super) const BEFORE_SYMBOL: Words =
    Words("a au bds bz c ca can ec fj hk j k m mx n nt nz r s sg t tt u us");

/// What stands between a currency and its number: `USD approx. 900`.
pub(super) const ABOUT: Words = Words("about approx approximately around ca circa only roughly");

/// What makes a number larger: `5m`, `5 mio`.
pub(super) const MULTIPLIERS: Words = Words("b bn m mio mln mn tsd");

/// Nouns that speak of money and of nothing else.
pub(super) const MONEY_NOUNS: Words = Words(
    "advance advances apa bal balance balances bonus bonuses budget cash commission commissions \
     compensation cost costs deductible deposit deposits discount discounts downpayment \
     downpayments earnings expense expenses fare fares fee fees fund funds gratuities gratuity \
     income loan margin markup payment payments payout payouts payroll penalty pmt premium \
     prepayment price prices pricing proceeds profit profits rebate refund refunds reimbursement \
     retainer revenue revenues salaries salary sales subtotal supplement surcharge surcharges tax \
     taxes tip tips turnover upcharge vat wage wages",
);

/// By what means an amount is paid: `450 by card`.
pub(super) const MEANS: Words =
    Words("card cash cheque envelope paypal revolut stripe transfer twint venmo wire zelle");

/// Verbs of paying.
pub(super) const MONEY_VERBS: Words = Words(
    "billed charge charged charges collected due earn earned earns invoiced outstanding owe owed owes owing \
     paid pay paying paypal pays prepaid rcvd received refunded reimburse reimbursed spend spent tipped venmo \
     wired zelle zelled",
);

/// Words that speak of money if a number comes right after them.
pub(super) const VAGUE_LABELS: Words = Words(
    "amount amounts amt bill bills dep gets gross net quote quoted rate rates remainder remaining rest share shares sum total totals ttl \
     transferred voucher worth",
);

/// What may stand between a label and its number without changing what it means.
pub(super) const FILLERS: Words = Words(
    "a about agreed already an and approx approximately are around be ca circa currently day final \
     for full in is it just left now of on only open remaining roughly s so still the then this to \
     us was were will",
);

/// What follows an amount, and no number that counts what is named next.
pub(super) const FOLLOWERS: Words = Words(
    "a after again agreed already an and approx as at because before but by extra for from gross if \
     in incl included includes including into is last later left less minus net next not now off ok \
     on only onto or out over per please plus pp remaining since so still thanks that the then thx \
     to today tomorrow tonight total until upfront using via was when which will with yesterday",
);

/// What a time follows.
pub(super) const TEMPORAL: Words = Words(
    "after arrival arrive arrives arriving at before board boarding by depart departing departs \
     departure eta etd from leave leaves leaving meet meeting on pickup return returning returns \
     since start starting starts till until",
);

/// What names a thing by its number: `slip 300`.
pub(super) const DESIGNATORS: Words = Words(
    "account acct apt bay beam berth booking box buoy cabin call card cell ch channel class code \
     confirmation depth dock draft draught ending ext extension fax flight gate highway hull hwy iban id invoice jetty \
     km length level licence license line loa lot lwl marker mile mobile mooring nbr no nr num number numbers \
     option order page permit phone pier pin platform pontoon quay receipt ref reference rev road \
     room route rt sail seat slip slips sms suite table tel telephone terminal text ticket unit v \
     ver version vhf week whatsapp year zip",
);

/// Makers of boats, whose models are numbers: `Lagoon 42`.
pub(super) const BOATS: Words = Words(
    "azimut bali bavaria beneteau boston catalina cranchi dehler delphia dufour elan excess fairline \
     gulet hanse hunter hylas island jeanneau lagoon leopard moody nautitech najad nimbus oceanis odyssey \
     oyster pajot pershing prestige princess riva sealine seawind sunreef sunseeker swan tartan \
     viking whaler xc xp",
);

/// Who is counted: `guests: 12`.
pub(super) const HEADS: Words =
    Words("adults children guests headcount heads kids passengers pax people persons pob souls");

/// What stands between a number and what it counts: `12 more guests`.
pub(super) const BEFORE_COUNTED: Words = Words(
    "additional adult confirmed extra female full hotel hungry large life male more nautical new \
     other small square total vip young",
);

/// What is counted or measured, and never money.
pub(super) const COUNTED: Words = Words(
    "adult adults ah am amps anchor anchors bags bar beds beers berth berths boards boat boats \
     bottles bunks cabin cabins camera candles cases chairs child children cl cm copies couples \
     course courses crew cushions deck decks deg degrees divers drinks engines families feet \
     fenders fins fish flags foot footage footer footers friends ft gal gallon gallons gals \
     gentlemen glasses guest guests guys h hands heads hour headcount hours hp hr hrs ice in inch inches \
     infants jackets kayaks kg kid kids km kn knot knots kph kt kts kw ladies laps lb lbs legs \
     lifejackets liter liters litre litres lunches m masks meals men meter meters metre metres mi \
     mile miles min mins minute minutes ml mm month months mph nd night nights nm o oz paddleboards \
     pages passenger passengers pax pcs people person persons pieces platters pm ppl race rd reefs \
     rods rooms row run sandwiches screen seats sec seconds secs snorkels souls st stars stops \
     students sup sups swim tables th tickets times ton tonne tonnes tons towels trips tv uhr units \
     utc vegans vegetarian vegetarians vests video volts walk watts week weeks women x yacht yachts \
     yards yds year years yo yrs",
);

/// Letters that are measures where they stand at their number: `12V`.
pub(super) const COUNTED_ATTACHED: Words = Words("a c d f g j l n s t v w y z");

/// For whom or how long an amount is, behind `per` or a slash.
pub(super) const PER: Words = Words(
    "adult charter child day diver guest h head hour hr kid night passenger pax pers person pp trip \
     week",
);

/// Months, and what they are shortened to.
pub(super) const MONTHS: Words = Words(
    "apr april aug august dec december feb february jan january jul july jun june mar march may nov \
     november oct october sep sept september",
);

/// Days of the week.
pub(super) const WEEKDAYS: Words = Words(
    "fri friday mon monday sat saturday sun sunday thu thur thurs thursday tue tues tuesday wed \
     wednesday",
);

/// What `pounds` that weigh something are followed by.
pub(super) const WEIGHED: Words =
    Words("anchor anchors bag bags fish ice line of tackle test tuna weight");

/// Numbers in words.
pub(super) const UNITS: [(&str, u64); 27] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// What multiplies the number before it.
pub(super) const SCALES: [(&str, u64); 4] =
    [("hundred", 100), ("thousand", 1_000), ("grand", 1_000), ("million", 1_000_000)];

/// Attributes of rows that hold money by their names, whatever is in them.
pub(super) const MONEY_ATTRIBUTES: Words = Words(
    "amount amounts bill billed charge charged charges due earned gross invoice net outstanding owed \
     owes paid pay payable pays prepaid quote quoted rate rates refunded remaining share total totals \
     unpaid",
);

/// Those of them that may name a count as well.
pub(super) const VAGUE_ATTRIBUTES: Words =
    Words("amount amounts charge charges due gross net outstanding remaining total totals");

/// What holds money as a part of a word too: `charterfee`, `priceusd`.
pub(super) const PARTS_OF_ATTRIBUTES: Words =
    Words("deposit deposits fee fees payout payouts price prices revenue revenues total totals");

/// What only looks so.
pub(super) const LIKE_MONEY_ATTRIBUTES: Words = Words("coffee coffees toffee totally");

/// What makes an attribute of a vague name a count: `total_guests`.
pub(super) const COUNTING_ATTRIBUTES: Words =
    Words("count crew days distance guests hours miles minutes nights pax people");
