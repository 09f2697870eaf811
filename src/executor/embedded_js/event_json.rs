//! An event as a JavaScript value. `JSON.parse` looks at one character after the other; the ordinary is read faster here, and
//! whatever is unusual is left to it.

use std::fmt;

use rquickjs::atom::Atom;
use rquickjs::object::Property;
use rquickjs::{Array, Ctx, Object, String as JsString, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What `JSON.parse` makes of it.
///
/// # Errors
/// It is no JSON, or there is no memory for it; the exception is thrown in `ctx`.
pub(super) fn parse<'js>(ctx: &Ctx<'js>, json: &[u8]) -> rquickjs::Result<Value<'js>> {
    let value = JsonValue(ctx).deserialize(&mut serde_json::Deserializer::from_slice(json));
    value.or_else(|_| {
        // Half a surrogate pair, a number beyond all doubles, hundreds of levels, or no memory, which it finds out again.
        ctx.catch();
        ctx.json_parse(json)
    })
}

/// Any value.
#[derive(Clone, Copy)]
struct JsonValue<'a, 'js>(&'a Ctx<'js>);

/// The name of a member.
struct Name<'a, 'js>(&'a Ctx<'js>);

/// The exception is of no interest, since `JSON.parse` will meet it, too.
fn failed<E: Error>(error: rquickjs::Error) -> E {
    E::custom(error)
}

impl<'de, 'js> DeserializeSeed<'de> for JsonValue<'_, 'js> {
    type Value = Value<'js>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'js>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'js> DeserializeSeed<'de> for Name<'_, 'js> {
    type Value = Atom<'js>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Atom<'js>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'js> Visitor<'_> for Name<'_, 'js> {
    type Value = Atom<'js>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Atom<'js>, E> {
        Atom::from_str(self.0.clone(), name).map_err(failed)
    }
}

impl<'de, 'js> Visitor<'de> for JsonValue<'_, 'js> {
    type Value = Value<'js>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'js>, E> {
        Ok(Value::new_null(self.0.clone()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value<'js>, E> {
        Ok(Value::new_bool(self.0.clone(), value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value<'js>, E> {
        #[expect(clippy::cast_precision_loss, reason = "the nearest double, as in JavaScript")]
        let double = || Value::new_float(self.0.clone(), value as f64);
        Ok(i32::try_from(value).map_or_else(|_| double(), |value| Value::new_int(self.0.clone(), value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value<'js>, E> {
        #[expect(clippy::cast_precision_loss, reason = "the nearest double, as in JavaScript")]
        let double = || Value::new_float(self.0.clone(), value as f64);
        Ok(i32::try_from(value).map_or_else(|_| double(), |value| Value::new_int(self.0.clone(), value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value<'js>, E> {
        Ok(Value::new_float(self.0.clone(), value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'js>, E> {
        JsString::from_str(self.0.clone(), text).map(JsString::into_value).map_err(failed)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'js>, A::Error> {
        let array = Array::new(self.0.clone()).map_err(failed)?;
        let mut index = 0;
        while let Some(item) = items.next_element_seed(self)? {
            define(array.as_object(), index, item)?;
            index += 1;
        }
        Ok(array.into_value())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'js>, A::Error> {
        let object = Object::new(self.0.clone()).map_err(failed)?;
        while let Some(name) = members.next_key_seed(Name(self.0))? {
            define(&object, name, members.next_value_seed(self)?)?;
        }
        Ok(object.into_value())
    }
}

/// Makes a member of its own, whatever it is called: setters and `__proto__` have no say.
fn define<'js, E: Error>(object: &Object<'js>, name: impl rquickjs::IntoAtom<'js>, value: Value<'js>) -> Result<(), E> {
    object.prop(name, Property::from(value).writable().enumerable().configurable()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rquickjs::{Context, Function, Runtime};

    /// Both values, described to the last detail by a script: types, order and attributes of members, the sign of zero.
    fn described(json: &str) -> (String, String) {
        const DESCRIBE: &str = r"(value) => {
            const described = (value) => {
                if (typeof value === 'number') return Object.is(value, -0) ? '-0' : value.toString();
                if (typeof value === 'string') return JSON.stringify(value);
                if (value === null || typeof value !== 'object') return `${typeof value} ${value}`;
                const members = Object.getOwnPropertyDescriptors(value);
                return Reflect.ownKeys(members).map((name) => {
                    const { value, writable, enumerable, configurable } = members[name];
                    return `${String(name)} ${writable} ${enumerable} ${configurable} (${described(value)})`;
                }).join('\n') + ` ${Array.isArray(value)} ${Object.getPrototypeOf(value) === Object.prototype}`;
            };
            return described(value).replace(/[^\x20-\x7e\n]/g, (unit) => `<${unit.charCodeAt(0)}>`);
        }";
        let context = Context::full(&Runtime::new().unwrap()).unwrap();
        context.with(|ctx| {
            let describe: Function = ctx.eval(DESCRIBE).unwrap();
            let ours: String = describe.call((parse(&ctx, json.as_bytes()).unwrap(),)).unwrap();
            let theirs: String = describe.call((ctx.json_parse(json).unwrap(),)).unwrap();
            (ours, theirs)
        })
    }

    #[test]
    fn everything_is_read_as_json_parse_reads_it() {
        let deep = format!("{}1{}", "[".repeat(400), "]".repeat(400));
        for json in [
            " null ",
            "true",
            "\"\"",
            "-0",
            "[-0.0, 0, 1, -1, 2147483647, 2147483648, -2147483649]",
            "[9007199254740993, 18446744073709551615, 18446744073709551616, 1e400, -1e400, 1E5, 5e-324, 0.1, 1.7976931348623157e308]",
            "[2.2250738585072011e-308, 123456789.12345678901234567890, 0.30000000000000004, 9007199254740993.5]",
            r#"{"b": 1, "a": 2, "b": 3, "2": 4, "1": 5, "-1": 6, "01": 7, "4294967295": 8}"#,
            r#"{"__proto__": {"x": 1}, "constructor": 2, "": 3, "length": 4, "toString": null}"#,
            r#"["\ud83d\ude00", "\ud83d", "\ude00 x", "\u0000", "é\n\"\\\/", "𝒳"]"#,
            r#"{"\ud83d": [], "{}": {}, "e": [[], {}, [[]]]}"#,
            &deep,
        ] {
            let (ours, theirs) = described(json);
            assert_eq!(ours, theirs, "{json}");
        }
    }

    #[test]
    fn setters_have_no_say() {
        let context = Context::full(&Runtime::new().unwrap()).unwrap();
        context.with(|ctx| {
            ctx.eval::<(), _>(
                "Object.defineProperty(Object.prototype, 'a', { set() { throw new Error('called') }, configurable: true })",
            )
            .unwrap();
            let event = parse(&ctx, br#"{"a": 1}"#).unwrap();
            assert_eq!(ctx.json_stringify(event).unwrap().unwrap().to_string().unwrap(), r#"{"a":1}"#);
        });
    }

    #[test]
    fn what_is_no_json_throws_as_json_parse_does() {
        let context = Context::full(&Runtime::new().unwrap()).unwrap();
        context.with(|ctx| {
            for json in ["", "{", "[1,]", "nul", "\"a", "{\"a\" 1}"] {
                assert!(parse(&ctx, json.as_bytes()).is_err(), "{json}");
                assert!(ctx.catch().is_error(), "{json}");
            }
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn doubles_are_read_to_the_last_bit(numbers in proptest::collection::vec(any::<f64>().prop_filter("JSON", |n| n.is_finite()), 40)) {
            let (ours, theirs) = described(&format!("{numbers:?}"));
            prop_assert_eq!(ours, theirs);
        }
    }
}
