# Runs a Python handler against the Lambda Runtime API, with the standard library alone.
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

HOST, PORT = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
ROOT = os.environ["LAMBDA_TASK_ROOT"]
BASE = "/2018-06-01/runtime/"


class Connection:
    """One kept-alive HTTP/1.1 connection; the server answers with a Content-Length, always."""

    def __init__(self):
        self.socket = None
        self.buffer = b""

    def exchange(self, method, path, body=b"", headers=()):
        for last in (False, True):
            try:
                if self.socket is None:
                    self.socket = socket.create_connection((HOST, int(PORT)))
                    self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.buffer = b""
                lines = ["%s %s HTTP/1.1" % (method, path), "Host: %s:%s" % (HOST, PORT)]
                lines += ["%s: %s" % pair for pair in headers]
                if method == "POST":
                    lines.append("Content-Length: %d" % len(body))
                head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
                self.socket.sendall(head + body if len(body) < 65536 else head)
                if len(body) >= 65536:
                    self.socket.sendall(body)
                return self.answer()
            except (ConnectionError, BrokenPipeError):
                self.socket = None
                if last:
                    raise

    def answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        parts, have = [self.buffer], len(self.buffer)
        while have < length:
            piece = self.socket.recv(min(1 << 20, length - have))
            if not piece:
                raise ConnectionError("the Runtime API closed the connection")
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        self.buffer = whole[length:]
        return int(lines[0].split(" ")[1]), headers, whole[:length]

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the Runtime API closed the connection")
        self.buffer += piece


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Client:
    def __init__(self, values):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, values.get(name))


class ClientContext:
    def __init__(self, values):
        self.client = Client(values.get("client") or {})
        self.custom = values.get("custom")
        self.env = values.get("env")


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity()
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class RequestIdFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id
        return True


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    handler.setFormatter(logging.Formatter(form.rstrip("\n"), "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def fault(error_type, message, request_id, stack):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": stack}


def stack_of(error):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != "<string>" and "importlib" not in frame.filename]
    return traceback.format_list(own)


def print_fault(value):
    lines = ["[ERROR] %s: %s" % (value["errorType"], value["errorMessage"])]
    if value["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines += [line.rstrip("\n") for line in value["stackTrace"]]
    print("\n".join(lines))


def load(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error), error)
    except SyntaxError as error:
        place = ['  File "%s" Line %s\n    %s\n' % (error.filename, error.lineno, (error.text or "").rstrip())]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), None, place)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


class Fault(Exception):
    def __init__(self, error_type, message, cause=None, stack=None):
        self.value = fault(error_type, message, "", stack if stack is not None else (stack_of(cause) if cause else []))


def send_fault(connection, path, value):
    print_fault(value)
    sys.stdout.flush()
    body = json.dumps(value).encode()
    connection.exchange("POST", path, body, [("Lambda-Runtime-Function-Error-Type", value["errorType"])])


def invoke(connection, handler):
    _, headers, payload = connection.exchange("GET", BASE + "invocation/next")
    request_id = headers["lambda-runtime-aws-request-id"]
    RequestIdFilter.request_id = request_id
    if "lambda-runtime-trace-id" in headers:
        os.environ["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
    path = BASE + "invocation/" + request_id
    try:
        result = handler(json.loads(payload), LambdaContext(headers))
    except Exception as error:
        return send_fault(connection, path + "/error", fault(type(error).__name__, str(error), request_id, stack_of(error)))
    try:
        body = json.dumps(result, ensure_ascii=False).encode()
    except Exception as error:
        message = "Unable to marshal response: %s" % error
        return send_fault(connection, path + "/error", fault("Runtime.MarshalError", message, request_id, []))
    sys.stdout.flush()
    connection.exchange("POST", path + "/response", body, [("Content-Type", "application/json")])


def main():
    sys.path.insert(0, ROOT)
    connection = Connection()
    set_up_logging()
    try:
        handler = load(os.environ["_HANDLER"])
    except Fault as error:
        send_fault(connection, BASE + "init/error", error.value)
        sys.exit(1)
    except Exception as error:
        send_fault(connection, BASE + "init/error", fault(type(error).__name__, str(error), "", stack_of(error)))
        sys.exit(1)
    while True:
        invoke(connection, handler)


main()
