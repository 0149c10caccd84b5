//! Group `event_`.

use crate::api::event::{EventApi, EventList, EventMessage, EventSubscribe};
use crate::codec::StrictValue;
use crate::error::ErrorBody;
use crate::server::page::{self, Scan, cursor_text};
use crate::server::service::Service;
use crate::server::view::Views;
use crate::server::{Asked, Stream};
use crate::types::{EventItem, Json, Page};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use weighhouse_primitives::{Address, Height, TxHash, abi};
use weighhouse_runtime::Committed;
use weighhouse_runtime::reader::{EventFilter, LocatedEvent, Position};

/// Events read at once while a stream catches up.
const CATCH_UP: usize = 100;

impl EventApi for Service {
    async fn event_list(&self, params: EventList) -> Result<Page<EventItem>, ErrorBody> {
        self.look(move |this| match params.tx {
            Some(hash) => this.events_of(&params, &hash.into()),
            None => this.events(&params),
        })
        .await
    }

    async fn event_subscribe(self: Arc<Self>, params: EventSubscribe, asked: Asked<EventMessage>) {
        // Followed before catching up, so that nothing falls between the two.
        let mut blocks = self.inner().feed.follow();
        let epoch = self.inner().feed.epoch();
        let head = self.reader().head().height;
        let (wanted, resume) = match self.start_of(&params, head) {
            Ok(start) => start,
            Err(error) => return asked.refuse(error).await,
        };
        let Some(sink) = asked.accept().await else {
            return;
        };
        let mut seen = Position {
            height: head,
            tx_index: u32::MAX,
            event_index: u32::MAX,
        };
        if let Some(resume) = resume {
            seen = resume;
            if !self.catch_up(&wanted, &mut seen, &sink).await {
                return;
            }
        }
        let mut skip = Some(seen);
        loop {
            let committed = tokio::select! {
                committed = blocks.recv() => committed,
                () = sink.closed() => return,
            };
            match committed {
                Ok(committed) => {
                    if self.inner().feed.epoch() != epoch {
                        // The network went back: its heights come again, with other events.
                        skip = None;
                    }
                    if !self
                        .send_block(&wanted, &committed, &mut seen, &mut skip, &sink)
                        .await
                    {
                        return;
                    }
                }
                Err(RecvError::Lagged(_)) => {
                    let resume_cursor = cursor_text(&seen);
                    sink.send(&EventMessage::Lagged { resume_cursor }).await;
                    return;
                }
                Err(RecvError::Closed) => return,
            }
        }
    }
}

/// Which events a reader wants.
#[derive(Clone)]
struct Wanted {
    contract: Option<Address>,
    kind: Option<u32>,
    fields: Option<Json>,
}

impl Wanted {
    fn matches(&self, event: &weighhouse_primitives::Event) -> bool {
        self.contract
            .is_none_or(|contract| contract == event.contract)
            && self.kind.is_none_or(|kind| kind == event.kind)
    }

    /// True if every field asked for has the value asked for.
    fn matches_fields(&self, item: &EventItem) -> bool {
        let Some(StrictValue(fields)) = &self.fields else {
            return true;
        };
        let data = item
            .data
            .as_ref()
            .and_then(|StrictValue(data)| data.as_object());
        fields.as_object().is_some_and(|fields| {
            fields
                .iter()
                .all(|(name, value)| data.and_then(|data| data.get(name)) == Some(value))
        })
    }
}

impl Service {
    /// Which events a new reader wants, and after which of them it starts.
    fn start_of(
        &self,
        params: &EventSubscribe,
        head: Height,
    ) -> Result<(Wanted, Option<Position>), ErrorBody> {
        let wanted = self.wanted(params)?;
        let resume = page::cursor("resume_cursor", params.resume_cursor.as_deref())?;
        match resume {
            Some(place) if place.height > head => {
                let text = params.resume_cursor.as_deref().unwrap_or_default();
                Err(page::invalid_cursor("resume_cursor", text)
                    .with("reason", "it lies above the latest height")
                    .with("latest", head.to_string()))
            }
            resume => Ok((wanted, resume)),
        }
    }

    fn wanted(&self, params: &EventSubscribe) -> Result<Wanted, ErrorBody> {
        if let Some(StrictValue(fields)) = &params.fields
            && !fields.is_object()
        {
            let expected = "an object: names of fields and the values wanted";
            return Err(ErrorBody::bad_argument(
                "fields",
                expected,
                &fields.to_string(),
            ));
        }
        Ok(Wanted {
            contract: self.address_option("contract", params.contract.as_ref())?,
            kind: params.name.as_deref().map(abi::selector),
            fields: params.fields.clone(),
        })
    }

    fn wanted_by_list(&self, params: &EventList) -> Result<Wanted, ErrorBody> {
        self.wanted(&EventSubscribe {
            contract: params.contract.clone(),
            name: params.name.clone(),
            fields: params.fields.clone(),
            resume_cursor: None,
        })
    }

    fn events(&self, params: &EventList) -> Result<Page<EventItem>, ErrorBody> {
        let (cursor, heights) = (params.cursor.as_deref(), (params.from, params.to));
        let scan = Scan::new(params.limit, cursor, heights, params.order)?;
        let wanted = self.wanted_by_list(params)?;
        let filter = EventFilter {
            contract: wanted.contract,
            kind: wanted.kind,
            from: scan.from,
            to: scan.to,
            descending: scan.descending,
        };
        let mut views = Views::new(self);
        self.scan(
            &scan,
            |after, limit| self.reader().events(&filter, after, limit),
            |event| Some(views.located_event(event)).filter(|item| wanted.matches_fields(item)),
        )
    }

    /// The events of one transaction; there are few, so they come on one page.
    fn events_of(&self, params: &EventList, hash: &TxHash) -> Result<Page<EventItem>, ErrorBody> {
        let wanted = self.wanted_by_list(params)?;
        let Some(located) = self.reader().transaction(hash)? else {
            return Err(ErrorBody::not_found("transaction"));
        };
        let mut views = Views::new(self);
        let events = (0u32..).zip(&located.receipt.events);
        let items = events
            .filter(|(_, event)| wanted.matches(event))
            .map(|(event_index, event)| {
                views.located_event(&LocatedEvent {
                    height: located.height,
                    tx_index: located.index,
                    event_index,
                    tx: *hash,
                    event: event.clone(),
                })
            })
            .filter(|item| wanted.matches_fields(item))
            .collect();
        self.page(items, None, (located.height, located.height))
    }

    /// Sends what was missed since `seen`; false once the reader is gone or the node fails.
    async fn catch_up(
        &self,
        wanted: &Wanted,
        seen: &mut Position,
        sink: &Stream<EventMessage>,
    ) -> bool {
        loop {
            let (after, filter) = (*seen, wanted.clone());
            let page = self.look(move |this| {
                let query = EventFilter {
                    contract: filter.contract,
                    kind: filter.kind,
                    from: after.height,
                    to: None,
                    descending: false,
                };
                let listing = this.reader().events(&query, Some(after), CATCH_UP)?;
                let mut views = Views::new(this);
                let found = listing
                    .items
                    .iter()
                    .map(|event| (position(event), views.located_event(event)));
                Ok((found.collect::<Vec<_>>(), listing.next.is_some()))
            });
            let Ok((found, more)) = page.await else {
                return false;
            };
            for (place, item) in found {
                *seen = place;
                if wanted.matches_fields(&item) && !sink.send(&EventMessage::Event(item)).await {
                    return false;
                }
            }
            if !more {
                return true;
            }
        }
    }

    /// Sends the events of a block; what was sent while catching up is skipped once.
    async fn send_block(
        &self,
        wanted: &Wanted,
        committed: &Arc<Committed>,
        seen: &mut Position,
        skip: &mut Option<Position>,
        sink: &Stream<EventMessage>,
    ) -> bool {
        let mut views_of = Vec::new();
        {
            let mut views = Views::new(self);
            for event in located(committed) {
                let place = position(&event);
                if skip.is_some_and(|skip| place <= skip) || !wanted.matches(&event.event) {
                    continue;
                }
                views_of.push((place, views.located_event(&event)));
            }
        }
        *skip = skip.filter(|skip| committed.block.header.height < skip.height);
        for (place, item) in views_of {
            *seen = place;
            if wanted.matches_fields(&item) && !sink.send(&EventMessage::Event(item)).await {
                return false;
            }
        }
        *seen = (*seen).max(Position {
            height: committed.block.header.height,
            tx_index: u32::MAX,
            event_index: u32::MAX,
        });
        true
    }
}

fn position(event: &LocatedEvent) -> Position {
    Position {
        height: event.height,
        tx_index: event.tx_index,
        event_index: event.event_index,
    }
}

/// The events of a block with their places.
fn located(committed: &Committed) -> impl Iterator<Item = LocatedEvent> + '_ {
    let height = committed.block.header.height;
    (0u32..)
        .zip(&committed.receipts)
        .flat_map(move |(tx_index, receipt)| {
            (0u32..)
                .zip(&receipt.events)
                .map(move |(event_index, event)| LocatedEvent {
                    height,
                    tx_index,
                    event_index,
                    tx: receipt.tx,
                    event: event.clone(),
                })
        })
}
