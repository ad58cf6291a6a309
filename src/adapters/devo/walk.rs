//! Listings that go over the domains of a connection: its only one, or those of a multitenant, one after the other.
//!
//! Devo has no pages (§3), so a domain is a page. The cursor is the name of the last domain that was gone over, and the list
//! of domains is read anew before each page: what a domain refuses then is about that domain, for the credentials just worked.

use std::collections::VecDeque;

use super::Api;
use super::domains::Domains;
use super::reach::Reach;
use crate::adapters::contract::{AdapterError, Call, Page, PageRequest, Trouble};

/// How many domains that show nothing one page goes over: a sync takes a hundred empty pages in a row for endless.
const QUIET_DOMAINS: usize = 10;

/// One page of such a listing while it is made.
pub(super) struct Walk<T> {
    left: VecDeque<String>,
    /// The last domain that was gone over, and how many were.
    reached: Option<String>,
    gone_over: usize,
    is_quiet: bool,
    /// Whether the listing goes over a multitenant.
    is_long: bool,
    page: Page<T>,
}

impl Api {
    /// Begins the page that is asked for.
    pub(super) async fn walk<T>(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Walk<T>, AdapterError> {
        match &self.settings.reach {
            Reach::Domain(name) => Ok(Walk::over([name.clone()].into(), Vec::new(), false)),
            Reach::Multitenant(_) => {
                let Domains { known, defects } = self.domains(call).await?;
                let after = page.cursor.as_ref();
                let names = known.into_keys();
                let left = names.filter(|name| after.is_none_or(|after| name > after));
                Ok(Walk::over(left.collect(), defects, true))
            }
        }
    }
}

impl<T> Walk<T> {
    fn over(left: VecDeque<String>, defects: Vec<String>, is_long: bool) -> Self {
        Self {
            left,
            reached: None,
            gone_over: 0,
            is_quiet: true,
            is_long,
            page: Page {
                items: Vec::new(),
                next: None,
                total: None,
                defects,
            },
        }
    }

    /// The next domain of this page, if there is one: those after the first only while nothing was found.
    pub(super) fn next_domain(&mut self) -> Option<String> {
        if !self.is_quiet || self.gone_over == QUIET_DOMAINS {
            return None;
        }
        let domain = self.left.pop_front()?;
        self.gone_over += 1;
        self.reached = Some(domain.clone());
        Some(domain)
    }

    /// Adds what a domain shows. A refusal of one domain among many is told beside what the others show, so that it takes
    /// nothing else with it, and nothing counts as gone.
    pub(super) fn add(
        &mut self,
        domain: &str,
        listed: Result<Page<T>, AdapterError>,
    ) -> Result<(), AdapterError> {
        match listed {
            Ok(listed) if !self.is_long => self.page = listed,
            Ok(listed) => {
                self.is_quiet &= listed.items.is_empty() && listed.defects.is_empty();
                self.page.items.extend(listed.items);
                let defects = listed.defects.iter();
                let defects = defects.map(|defect| format!("{domain}: {defect}"));
                self.page.defects.extend(defects);
            }
            Err(error) if self.is_long && is_about_one_domain(&error) => {
                self.is_quiet = false;
                let defect = format!("{domain} can't be listed: {}", error.message);
                self.page.defects.push(defect);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The page, with the place where the listing goes on.
    pub(super) fn page(self) -> Page<T> {
        let next = self.reached.filter(|_| !self.left.is_empty());
        Page { next, ..self.page }
    }
}

/// Whether it is a domain that refuses, where the multitenant's list was shown a moment before. A 404 that names nothing may
/// be the answer of another region than the domain's (§1); who is asked to authenticate is not to ask for the next domain.
fn is_about_one_domain(error: &AdapterError) -> bool {
    let status = error.upstream.as_ref().and_then(|said| said.status);
    match error.trouble {
        Trouble::Rejected | Trouble::NotFound | Trouble::Conflict => true,
        Trouble::AuthFailed => status.is_some_and(|status| status != 401),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::contract::Upstream;

    fn names(count: usize) -> VecDeque<String> {
        (0..count).map(|n| format!("d{n:02}@parent")).collect()
    }

    fn found(items: Vec<u8>) -> Result<Page<u8>, AdapterError> {
        Ok(Page {
            items,
            next: None,
            total: Some(1),
            defects: Vec::new(),
        })
    }

    fn refused(trouble: Trouble, status: u16) -> AdapterError {
        AdapterError::new(trouble, "no").saying(Upstream {
            status: Some(status),
            ..Upstream::default()
        })
    }

    #[test]
    fn a_page_is_one_domain_and_says_where_the_next_begins() {
        let mut walk = Walk::over(names(3), Vec::new(), true);
        let domain = walk.next_domain().unwrap();
        walk.add(&domain, found(vec![1])).unwrap();
        assert_eq!(walk.next_domain(), None);
        let page = walk.page();
        assert_eq!((page.items, page.total), (vec![1], None));
        assert_eq!(page.next.as_deref(), Some("d00@parent"));
    }

    #[test]
    fn domains_that_show_nothing_share_a_page_up_to_a_bound() {
        for (count, gone_over, next) in [(3, 3, None), (12, 10, Some("d09@parent"))] {
            let mut walk = Walk::over(names(count), Vec::new(), true);
            let mut seen = 0;
            while let Some(domain) = walk.next_domain() {
                walk.add(&domain, found(vec![])).unwrap();
                seen += 1;
            }
            assert_eq!(seen, gone_over);
            assert_eq!(walk.page().next.as_deref(), next);
        }
    }

    #[test]
    fn one_domain_alone_keeps_its_count_and_its_errors() {
        let mut walk = Walk::over(names(1), Vec::new(), false);
        let domain = walk.next_domain().unwrap();
        let refusal = refused(Trouble::Rejected, 400);
        assert!(walk.add(&domain, Err(refusal)).is_err());
        walk.add(&domain, found(vec![1])).unwrap();
        let page = walk.page();
        assert_eq!((page.total, page.next), (Some(1), None));
    }

    #[test]
    fn a_refusal_of_one_domain_is_a_defect_and_other_trouble_ends_the_page() {
        for (error, is_told) in [
            (refused(Trouble::Rejected, 400), true),
            (refused(Trouble::AuthFailed, 403), true),
            (refused(Trouble::AuthFailed, 404), true),
            (refused(Trouble::AuthFailed, 401), false),
            (AdapterError::new(Trouble::AuthFailed, "no key"), false),
            (refused(Trouble::Unavailable, 503), false),
            (AdapterError::new(Trouble::Timeout, "late"), false),
        ] {
            let words = error.to_string();
            let mut walk = Walk::<u8>::over(names(2), Vec::new(), true);
            let domain = walk.next_domain().unwrap();
            let added = walk.add(&domain, Err(error));
            assert_eq!(added.is_ok(), is_told, "{words}");
            let page = walk.page();
            assert_eq!(page.defects.len(), usize::from(is_told), "{words}");
            assert_eq!(page.next.as_deref(), Some("d00@parent"));
        }
    }
}
