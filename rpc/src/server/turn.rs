//! Who has to wait for whom: calls of a batch that run at once and take effect one after the other.

use std::cell::Cell;
use tokio::sync::oneshot;

/// Ends when the call before has ended.
type Before = oneshot::Receiver<()>;

tokio::task_local! {
    static BEFORE: Cell<Option<Before>>;
}

/// Hands out turns in the order of a batch.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    last: Option<Before>,
}

impl Turns {
    /// `call`, whose turn comes when all calls given before have ended.
    pub(crate) fn next<T, F: Future<Output = T>>(
        &mut self,
        call: F,
    ) -> impl Future<Output = T> + use<T, F> {
        let (ended, after) = oneshot::channel::<()>();
        let before = self.last.replace(after);
        let call = async {
            let answer = call.await;
            // Who has no use for its turn lets it pass on when it comes.
            my_turn().await;
            answer
        };
        async move {
            // Dropped with this future, however the call ends.
            let _ended = ended;
            BEFORE.scope(Cell::new(before), call).await
        }
    }
}

/// Waits for the turn of the call that runs here; a call by itself need not wait.
pub(crate) async fn my_turn() {
    if let Ok(Some(before)) = BEFORE.try_with(Cell::take) {
        // An error is the end of the call before: nothing is ever sent.
        let _ = before.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::Mutex;

    /// Goal: whoever is ready first, the turns come in order, and a call that ends without its turn
    /// holds up nobody.
    #[tokio::test]
    async fn turns_come_in_order() {
        let done = Mutex::new(Vec::new());
        let mut turns = Turns::default();
        let calls = (0..40_u32).map(|number| {
            let done = &done;
            turns.next(async move {
                for _ in number..40 {
                    tokio::task::yield_now().await;
                }
                if number % 7 != 3 {
                    my_turn().await;
                    done.lock().unwrap().push(number);
                }
            })
        });
        join_all(calls).await;
        my_turn().await;
        let expected: Vec<u32> = (0..40).filter(|number| number % 7 != 3).collect();
        assert_eq!(done.into_inner().unwrap(), expected);
    }
}
