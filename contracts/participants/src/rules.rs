//! Rules of tokens, and moves that an officer clears beforehand.
//!
//! The first rules of a token are in force at once. Later ones too if they are tighter in every respect;
//! others after the delay fixed at deployment, so that nobody is let in overnight. The fence around
//! foreign-trade units never changes.

use crate::event::{PreclearanceDeclined, Precleared, RulesSet};
use crate::storage::{
    COUNTRIES_MAX, ClassLimit, NextRules, Preclearance, Register, RuleBook, VELOCITIES_MAX,
};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{AnnualLimit, Country, Pid, RuleSet};
use weighhouse_standard::{Refusal, Role, bounded, deadline};

#[contract(part = Rules, events(RulesSet, Precleared, PreclearanceDeclined))]
impl Register {
    /// Sets the rules of a token.
    #[call(check)]
    pub fn set_rules(
        &mut self,
        ctx: &Context,
        token: Address,
        rules: RuleSet,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(token != Address::ZERO, Refusal::argument("token"));
        shapely(&rules)?;
        self.roles.require(ctx, Role::Compliance)?;
        let now = ctx.now();
        let later = now.saturating_add(self.settings.get().rule_delay);
        let (book, from) = match self.rules_of(&token, now) {
            None => {
                let current = rules.clone();
                (
                    RuleBook {
                        current,
                        next: None,
                    },
                    now,
                )
            }
            Some(current) => {
                let same = current.ring_fenced == rules.ring_fenced;
                ensure!(same, Refusal::argument("ring_fenced"));
                if tighter(&rules, &current) {
                    let current = rules.clone();
                    (
                        RuleBook {
                            current,
                            next: None,
                        },
                        now,
                    )
                } else {
                    let (rules, from) = (rules.clone(), later);
                    let next = Some(NextRules { rules, from });
                    (RuleBook { current, next }, later)
                }
            }
        };
        self.rule_books.set(&token, book);
        if let Some(limit) = rules.annual_limit {
            self.set_class_limit(limit, now, later);
        }
        let by = ctx.caller();
        self.journal.act(ctx, Hash::ZERO, |seq| RulesSet {
            seq,
            token,
            rules,
            from,
            by,
        });
        Ok(())
    }

    /// Clears one move between two participants beforehand, up to an amount and a second.
    #[call(check)]
    pub fn preclear(
        &mut self,
        ctx: &Context,
        token: Address,
        from: Pid,
        to: Pid,
        max_amt: Amount,
        until: Timestamp,
        reference: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.open()?;
        ensure!(
            deadline::in_time(ctx.now(), until),
            Refusal::argument("until")
        );
        ensure!(reference != Hash::ZERO, Refusal::argument("reference"));
        ensure!(!max_amt.is_zero(), Refusal::ZeroAmount);
        self.roles.require(ctx, Role::Compliance)?;
        self.member(from)?;
        self.member(to)?;
        ensure!(self.rule_books.contains(&token), Refusal::NotFound);
        ensure!(
            !self.preclear_refs.contains(&reference),
            Refusal::AlreadyExists
        );
        let id = self.preclear_count.next();
        let preclearance = Preclearance {
            token,
            from,
            to,
            max_amount: max_amt,
            until,
            reference,
        };
        self.preclearances.set(&id, preclearance);
        self.preclear_pairs.set(&(token, from, to, id), ());
        self.preclear_refs.set(&reference, id);
        let by = ctx.caller();
        self.journal.act(ctx, Hash::ZERO, |seq| Precleared {
            seq,
            id,
            preclearance,
            by,
        });
        Ok(id)
    }

    /// Withdraws a preclearance that was not used.
    #[call(check)]
    pub fn decline(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Compliance)?;
        let preclearance = self.preclearances.find(&id).ok_or(Refusal::NotFound)?;
        self.drop_preclearance(id, &preclearance);
        let by = ctx.caller();
        self.journal
            .act(ctx, Hash::ZERO, |seq| PreclearanceDeclined { seq, id, by });
        Ok(())
    }

    /// Rules of a token that are in force now.
    #[query]
    pub fn rules(&self, ctx: &Context, token: Address) -> Option<RuleSet> {
        self.rules_of(&token, ctx.now())
    }

    /// Rules of a token and those that will replace them.
    #[query]
    pub fn rule_book(&self, token: Address) -> Option<RuleBook> {
        self.rule_books.find(&token)
    }

    /// A preclearance that was neither used nor withdrawn.
    #[query]
    pub fn preclearance(&self, id: u64) -> Option<Preclearance> {
        self.preclearances.find(&id)
    }
}

/// Refuses rules that make no sense.
fn shapely(rules: &RuleSet) -> Result<(), Refusal> {
    for (countries, argument) in [(&rules.allow, "allow"), (&rules.deny, "deny")] {
        bounded(countries.len(), COUNTRIES_MAX)?;
        let letters = |country: &Country| country.0.iter().all(u8::is_ascii_uppercase);
        ensure!(countries.iter().all(letters), Refusal::argument(argument));
    }
    bounded(rules.velocity.len(), VELOCITIES_MAX)?;
    let windows = rules.velocity.iter().all(|rule| rule.window > 0);
    ensure!(windows, Refusal::argument("velocity"));
    Ok(())
}

/// True if the new rules allow nothing that the old ones do not.
fn tighter(new: &RuleSet, old: &RuleSet) -> bool {
    let within = |allowed: &[Country], country: &Country| allowed.contains(country);
    let allow = old.allow.is_empty()
        || (!new.allow.is_empty() && new.allow.iter().all(|one| within(&old.allow, one)));
    let deny = old.deny.iter().all(|one| within(&new.deny, one));
    let class = |limit: Option<AnnualLimit>| limit.map(|limit| limit.class);
    let annual = old.annual_limit.is_none()
        || (class(new.annual_limit) == class(old.annual_limit)
            && lower(
                new.annual_limit.map(|limit| limit.amount),
                old.annual_limit.map(|limit| limit.amount),
            ));
    let velocity = old.velocity.iter().all(|old| {
        let mut same = new.velocity.iter().filter(|new| new.window == old.window);
        same.any(|new| new.amount <= old.amount)
    });
    allow
        && deny
        && annual
        && velocity
        && (new.req_qualified || !old.req_qualified)
        && (new.venue_only || !old.venue_only)
        && lower(new.max_balance, old.max_balance)
        && lower(new.max_holders, old.max_holders)
        && lower(new.preclear_above, old.preclear_above)
        && lower(new.travel_rule_above, old.travel_rule_above)
        && lower(new.screening_max_age, old.screening_max_age)
        && (new.provenance.is_none() || new.provenance == old.provenance)
}

/// True if the new bound is at most the old one; no bound is the highest.
fn lower<T: PartialOrd>(new: Option<T>, old: Option<T>) -> bool {
    match (new, old) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(new), Some(old)) => new <= old,
    }
}

impl Register {
    /// Rules in force at a second.
    pub(crate) fn rules_of(&self, token: &Address, now: Timestamp) -> Option<RuleSet> {
        let RuleBook { current, next } = self.rule_books.find(token)?;
        Some(match next {
            Some(next) if deadline::started(now, next.from) => next.rules,
            _ => current,
        })
    }

    /// A lower limit of a class is in force at once, a higher one later.
    fn set_class_limit(&mut self, limit: AnnualLimit, now: Timestamp, later: Timestamp) {
        let AnnualLimit { class, amount } = limit;
        let limit = match self.class_limit(class, now) {
            Some(current) if amount > current => ClassLimit {
                amount: current,
                next: Some((amount, later)),
            },
            _ => ClassLimit { amount, next: None },
        };
        self.class_limits.set(&class, limit);
    }

    pub(crate) fn class_limit(&self, class: u16, now: Timestamp) -> Option<Amount> {
        let ClassLimit { amount, next } = self.class_limits.find(&class)?;
        Some(match next {
            Some((next, from)) if deadline::started(now, from) => next,
            _ => amount,
        })
    }

    /// The oldest preclearance of this pair that covers the amount now.
    pub(crate) fn covering(
        &self,
        (token, from, to): (Address, Pid, Pid),
        amount: Amount,
        now: Timestamp,
    ) -> Option<(u64, Preclearance)> {
        let mut after = None;
        loop {
            let page = self
                .preclear_pairs
                .page_of(&(token, from, to), after.as_ref(), 100);
            let (last, ()) = page.last()?;
            after = Some(*last);
            let found = page.into_iter().find_map(|((.., id), ())| {
                let cleared = self.preclearances.find(&id)?;
                let covers = amount <= cleared.max_amount && deadline::in_time(now, cleared.until);
                covers.then_some((id, cleared))
            });
            if found.is_some() {
                return found;
            }
        }
    }

    pub(crate) fn drop_preclearance(&mut self, id: u64, preclearance: &Preclearance) {
        let Preclearance {
            token, from, to, ..
        } = *preclearance;
        self.preclearances.remove(&id);
        self.preclear_pairs.remove(&(token, from, to, id));
    }
}
