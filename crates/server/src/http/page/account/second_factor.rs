//! Enrolling a second factor, or a new one in the place of the old.

use super::sign_in::{Asked, give};
use crate::account::{NotEnrolled, Offer, SignedIn, Standing, enrol, offer, offered};
use crate::http::App;
use crate::http::page::door::Seen;
use crate::http::page::error::PageError;
use crate::http::page::form::Submitted;
use crate::http::page::frame::{Field, Frame, Problem, go, page};
use crate::http::page::next;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "account/second_factor.html")]
struct SecondFactorPage {
    frame: Frame,
    offer: Offer,
    field: Field,
    /// Nothing else can be done before.
    must: bool,
    next: String,
    form_token: String,
}

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct RecoveryCodesPage {
    frame: Frame,
    codes: Vec<String>,
    next: String,
}

const TITLE: &str = "二要素認証の登録";

async fn frame(app: &App, signed: &SignedIn, title: &'static str) -> Result<Frame, PageError> {
    let frame = Frame::new(app, Some(signed), "/me/second-factor", title).await?;
    let full = signed.standing == Standing::Full;
    Ok(if full { frame.below(&[("/", "ホーム"), ("/me", "マイページ")]) } else { frame })
}

async fn form(
    app: &App,
    signed: &SignedIn,
    again: Option<(&str, Problem)>,
    next: Option<&str>,
) -> Result<SecondFactorPage, PageError> {
    let mut frame = frame(app, signed, TITLE).await?;
    let sealed = again.map(|(sealed, problem)| {
        frame.problems.push(problem);
        sealed
    });
    let offer = match sealed {
        Some(sealed) => offered(app, signed, &frame.organization, sealed).map_err(|_| PageError::Stale)?,
        None => offer(app, signed, &frame.organization).map_err(|_| PageError::Inside)?,
    };
    let field = Field::text("code", "確認コード", "one-time-code")
        .help("登録した認証アプリに表示されている 6 桁の数字を入力してください。")
        .told(&frame.problems);
    let next = next::safe(next).unwrap_or("").to_owned();
    let must = signed.standing == Standing::Enrol;
    Ok(SecondFactorPage { frame, offer, field, must, next, form_token: signed.form_token.clone() })
}

pub(in crate::http::page) async fn show(
    State(app): State<App>,
    Seen(signed): Seen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    Ok(page(StatusCode::OK, &form(&app, &signed, None, asked.next.as_deref()).await?))
}

pub(in crate::http::page) async fn submit(
    State(app): State<App>,
    Submitted { signed, fields }: Submitted,
) -> Result<Response, PageError> {
    if signed.standing == Standing::Code {
        return Ok(go("/signin/code"));
    }
    let (sealed, code, next) = (fields.get("offer"), fields.get("code"), Some(fields.get("next")));
    match enrol(&app, &signed, sealed, code).await {
        Ok((enrolled, secret)) => {
            let after = SignedIn { standing: Standing::Full, form_token: secret.form_token(), ..signed };
            let frame = frame(&app, &after, "回復コード").await?;
            let next = next::safe(next).unwrap_or("/me").to_owned();
            let mut shown = page(StatusCode::OK, &RecoveryCodesPage { frame, codes: enrolled.codes, next });
            give(&mut shown, Some(&secret), &app.config.signin);
            Ok(shown)
        }
        Err(NotEnrolled::Code) => {
            let text = "確認コードが違います。アプリへの登録と、端末の時計を確かめてください。".to_owned();
            let again = Some((sealed, Problem::at("code", text)));
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form(&app, &signed, again, next).await?))
        }
        Err(NotEnrolled::Offer | NotEnrolled::Refused(_)) => Err(PageError::Stale),
        Err(NotEnrolled::Journal(error)) => Err(error.into()),
        Err(NotEnrolled::Seal(_)) => Err(PageError::Inside),
    }
}
