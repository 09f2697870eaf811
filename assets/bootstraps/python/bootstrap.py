# Runs a Python handler against the Lambda Runtime API, with the standard library alone.
import decimal
import importlib
import json
import logging
import os
import platform
import re
import socket
import sys
import time
import traceback

ROOT = os.environ.get("LAMBDA_TASK_ROOT", os.getcwd())
BASE = "/2018-06-01/runtime/"
NO_BREAK_SPACE = "\u00a0"


class Connection:
    """One kept-alive HTTP/1.1 connection; the server answers with a Content-Length, always."""

    def __init__(self, address):
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        common = "Host: %s\r\nUser-Agent: invokelab Python %s\r\n" % (address, platform.python_version())
        self.get_next = ("GET %sinvocation/next HTTP/1.1\r\n%s\r\n" % (BASE, common)).encode("latin-1")
        self.post_head = "POST %s HTTP/1.1\r\n" + common + "Content-Type: %s\r\n%sContent-Length: %d\r\n\r\n"
        self.socket = None
        self.buffer = b""

    def next(self):
        status, headers, body = self.exchange(self.get_next)
        if status != 200:
            raise RuntimeError("the Runtime API gave no event: %d %s" % (status, body.decode("utf-8", "replace")))
        return headers, body

    def post(self, path, body, content_type="application/json", error_type=None):
        more = "Lambda-Runtime-Function-Error-Type: %s\r\n" % error_type if error_type else ""
        head = (self.post_head % (BASE + path, content_type, more, len(body))).encode("latin-1")
        if len(body) < 65536:
            return self.exchange(head + body)
        return self.exchange(head, body)

    def exchange(self, *parts):
        for last in (False, True):
            try:
                if self.socket is None:
                    self.buffer = b""
                    self.socket = socket.create_connection((self.host, self.port))
                    self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for part in parts:
                    self.socket.sendall(part)
                return self.answer()
            except ConnectionError:
                self.socket = None
                if last:
                    raise

    def answer(self):
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            self.buffer += self.receive(65536)
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        body = self.buffer[end + 4:]
        if len(body) < length:
            pieces, have = [body], len(body)
            while have < length:
                pieces.append(self.receive(min(1 << 20, length - have)))
                have += len(pieces[-1])
            body = b"".join(pieces)
        self.buffer = body[length:]
        return int(lines[0].split(" ", 2)[1]), headers, body[:length]

    def receive(self, size):
        piece = self.socket.recv(size)
        if not piece:
            raise ConnectionResetError("the Runtime API closed the connection")
        return piece


class Record(object):
    """An object with fixed members, as the official runtime has them."""

    __slots__ = ()

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self):
        members = ",".join("%s=%s" % (name, getattr(self, name)) for name in self.__slots__)
        return "%s([%s])" % (type(self).__name__, members)


class CognitoIdentity(Record):
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]


class Client(Record):
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class ClientContext(Record):
    __slots__ = ["custom", "env", "client"]


def client_context(text):
    if not text:
        return None
    # Header bytes were read as Latin-1; they are UTF-8.
    context = ClientContext(json.loads(text.encode("latin-1").decode("utf-8")))
    context.client = Client(context.client) if isinstance(context.client, dict) else None
    return context


def cognito_identity(text):
    values = json.loads(text) if text else {}
    names = {"cognito_identity_id": "cognitoIdentityId", "cognito_identity_pool_id": "cognitoIdentityPoolId"}
    return CognitoIdentity({name: values.get(key) for name, key in names.items()})


class LambdaContext(object):
    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = client_context(headers.get("lambda-runtime-client-context"))
        self.identity = cognito_identity(headers.get("lambda-runtime-cognito-identity"))
        self._epoch_deadline_time_in_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        names = ["aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb"]
        names += ["function_version", "invoked_function_arn", "client_context", "identity", "tenant_id"]
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names)


class RequestId(logging.Filter):
    current = ""

    def filter(self, record):
        record.aws_request_id = RequestId.current
        return True


class LogHandler(logging.Handler):
    """Looks up standard output at each line, as functions may replace it."""

    def emit(self, record):
        try:
            sys.stdout.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


def set_up_output():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    logging.Formatter.converter = time.gmtime
    handler = LogHandler()
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestId())
    logging.getLogger().addHandler(handler)


def set_up_path():
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [ROOT] + [folder for folder in sys.path if folder not in (own, "")]
    version = "python%d.%d" % sys.version_info[:2]
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        packages = os.path.join(folder, "lib", version, "site-packages")
        if folder and os.path.isdir(packages):
            sys.path.insert(1, packages)
    os.environ.setdefault("AWS_EXECUTION_ENV", "AWS_Lambda_" + version)


class Fault(Exception):
    def __init__(self, error_type, message, stack=()):
        super().__init__(message)
        self.error_type = error_type
        self.stack = list(stack)


def fault_of(error, request_id):
    if isinstance(error, Fault):
        error_type, stack = error.error_type, error.stack
    else:
        error_type, stack = type(error).__name__, stack_of(error)
    return {"errorMessage": str(error), "errorType": error_type, "requestId": request_id, "stackTrace": stack}


def stack_of(error):
    """Frames of the function, as tuples: the official runtime marks no columns either."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = ("<frozen importlib", importlib.__file__, __file__)
    own = [frame for frame in frames if not frame.filename.startswith(inside)]
    return traceback.format_list([(frame.filename, frame.lineno, frame.name, frame.line) for frame in own])


def print_fault(fault):
    text = "[ERROR] %s" % fault["errorType"]
    if fault["errorMessage"]:
        text += ": " + fault["errorMessage"]
    lines = [text, "Traceback (most recent call last):"]
    for element in fault["stackTrace"]:
        for line in element.splitlines():
            bare = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(bare)) + bare)
    sys.stdout.write("\n".join(lines) + "\n")


def load(handler):
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (handler, error))
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        explain_missing(module_name)
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error), stack_of(error))
    except SyntaxError as error:
        place = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), [place])
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def explain_missing(module_name):
    path = os.path.join(ROOT, *module_name.replace("/", ".").split("."))
    if not os.path.exists(path + ".py") and not os.path.isdir(path):
        print("%s.py does not exist; correct `handler` (file.function) or `code` in invokelab.toml" % path)


class Marshaller:
    """JSON as the official runtime writes it: a Decimal is a number with all its digits."""

    def __init__(self):
        self.mark = "decimal-%s:" % os.urandom(8).hex()
        self.marked = re.compile('"%s([^"]*)"' % self.mark)
        self.saw_decimal = False
        encoder = json.JSONEncoder(ensure_ascii=sys.version_info < (3, 12), default=self.other)
        self.encode = encoder.encode

    def other(self, value):
        if not isinstance(value, decimal.Decimal):
            raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)
        if value.is_nan():
            return float("nan")
        self.saw_decimal = True
        return self.mark + str(value)

    def marshal(self, result):
        if isinstance(result, bytes):
            return result, "application/unknown"
        try:
            text = self.encode(result)
            if self.saw_decimal:
                self.saw_decimal = False
                text = self.marked.sub(r"\1", text)
            return text.encode("utf-8"), "application/json"
        except Exception as error:
            raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def unmarshal(payload):
    try:
        return json.loads(payload)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def send_fault(connection, path, fault):
    print_fault(fault)
    body = json.dumps(fault).encode("utf-8")
    error_type = fault["errorType"].encode("ascii", "replace").decode("ascii")
    connection.post(path, body, error_type=error_type)


def invoke(connection, handler, marshaller):
    headers, payload = connection.next()
    request_id = RequestId.current = headers["lambda-runtime-aws-request-id"]
    trace_id = headers.get("lambda-runtime-trace-id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        context = LambdaContext(headers)
        result, content_type = marshaller.marshal(handler(unmarshal(payload), context))
    except Exception as error:
        return send_fault(connection, "invocation/%s/error" % request_id, fault_of(error, request_id))
    # What was printed without a line end belongs to this invocation.
    sys.stdout.flush()
    connection.post("invocation/%s/response" % request_id, result, content_type)


def main():
    set_up_output()
    set_up_path()
    connection = Connection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(os.environ.get("_HANDLER", ""))
    except Exception as error:
        send_fault(connection, "init/error", fault_of(error, ""))
        sys.exit(1)
    marshaller = Marshaller()
    while True:
        invoke(connection, handler, marshaller)


# Processes that the function starts by multiprocessing load this file again.
if __name__ == "__main__":
    main()
