//! The sums of a year, checked against each other.

use jada_roster::{Charter, CharterId, Money};

use crate::error::Error;
use crate::statement::{NotCounted, Statement};
use crate::year::{Part, YearStatement, sum};

impl YearStatement {
    /// Gross and net were added up from the months' own sums, brands and kinds from the charters.
    pub(super) fn reconcile(&self) -> Result<(), Error> {
        for (what, parts) in [("brands", &self.brands), ("kinds", &self.kinds)] {
            let parts_sum = sum(self.currency, parts.iter().map(Part::gross))?;
            agree(what, parts_sum, "the year", self.gross)?;
            for (at, month) in self.months.iter().enumerate() {
                let by_month = sum(self.currency, parts.iter().map(|part| part.by_month[at]))?;
                agree(what, by_month, &month.month().to_string(), month.gross())?;
            }
        }
        let taxes = sum(self.currency, self.taxes.iter().map(|tax| tax.amount))?;
        let net = self.gross.checked_sub(taxes).map_err(Error::amount)?;
        agree("gross less taxes", net, "the year's net", self.net)?;
        self.each_charter_once()
    }

    /// A charter that was moved while the year was being read would be in two of its months.
    fn each_charter_once(&self) -> Result<(), Error> {
        let not_counted = self.months.iter().flat_map(Statement::not_counted);
        let counted = self.months.iter().flat_map(Statement::counted);
        let charters = counted.chain(not_counted.map(NotCounted::charter));
        let mut ids: Vec<&CharterId> = charters.map(Charter::id).collect();
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair[0] == pair[1]) {
            None => Ok(()),
            Some(pair) => {
                let what = format!("has charter `{}` in two months", pair[0]);
                Err(Error::Year { year: self.year, what })
            }
        }
    }
}

fn agree(what: &str, sum: Money, whole: &str, expected: Money) -> Result<(), Error> {
    if sum == expected {
        return Ok(());
    }
    let what = format!("{what} add up to {sum}, {whole} to {expected}");
    Err(Error::DoesNotReconcile { what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jada_roster::{Currency, Status};
    use jiff::civil::date;

    fn year() -> YearStatement {
        let months = YearStatement::months_of(2026).unwrap().zip(1..).map(|(month, at)| {
            let id = CharterId::new(&format!("C-{at}")).unwrap();
            let charter = Charter::builder(id, date(2026, at, 9), Currency::USD)
                .guest("Ann")
                .status(Status::Confirmed)
                .total(Money::from_minor(i64::from(at) * 101, Currency::USD));
            let tax = crate::Tax::new("Tax", "0.0775".parse().unwrap());
            Statement::of(month).tax(tax).build([charter.build().unwrap()]).unwrap()
        });
        YearStatement::of(2026, months).unwrap()
    }

    #[test]
    fn a_cent_that_is_off_anywhere_does_not_reconcile() {
        let cent = Money::from_minor(1, Currency::USD);
        let more = |sum: &mut Money| *sum = sum.checked_add(cent).unwrap();
        let spoil: [fn(&mut YearStatement) -> &mut Money; 7] = [
            |year| &mut year.gross,
            |year| &mut year.net,
            |year| &mut year.taxes[0].amount,
            |year| &mut year.brands[0].gross,
            |year| &mut year.brands[0].by_month[4],
            |year| &mut year.kinds[0].gross,
            |year| &mut year.kinds[0].by_month[11],
        ];
        assert!(year().reconcile().is_ok());
        for which in spoil {
            let mut year = year();
            more(which(&mut year));
            let refused = year.reconcile();
            assert!(matches!(refused, Err(Error::DoesNotReconcile { .. })), "{refused:?}");
        }
    }
}
