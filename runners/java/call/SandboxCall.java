import java.io.*;
import java.lang.reflect.*;
import java.math.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;

/** Calls a function of a program: the call comes on standard input, the answer goes into the file call.result. */
final class SandboxCall {
    private static final int DEEPEST = 100;
    private static FileChannel result;

    private static final class Mismatch extends RuntimeException {
        Mismatch(String said) { super(said); }
    }

    private static final class Unsupported extends RuntimeException {
        Unsupported(String name) { super(name); }
    }

    /** The program's main class is the argument: a function without an owner may be there. */
    public static void main(String[] args) throws Throwable {
        result = FileChannel.open(Path.of("call.result"),
            StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND);
        Map<?, ?> call = (Map<?, ?>) new Json(new String(System.in.readAllBytes(), StandardCharsets.UTF_8)).value();
        String wanted = (String) call.get("function");
        List<?> arguments = (List<?>) call.get("arguments");
        Method method = found(wanted, args[0], arguments.size());
        if (method == null) answer("missing", wanted);
        Object[] given = new Object[arguments.size()];
        try {
            Type[] types = method.getGenericParameterTypes();
            for (int i = 0; i < given.length; i++) given[i] = made(arguments.get(i), types[i]);
        } catch (Mismatch mismatch) {
            System.err.println("the arguments do not fit " + wanted + ": " + mismatch.getMessage());
            answer("missing", wanted);
        }
        Object value;
        try {
            Object owner = null;
            if (!Modifier.isStatic(method.getModifiers())) {
                Constructor<?> constructor = method.getDeclaringClass().getDeclaredConstructor();
                constructor.setAccessible(true);
                owner = constructor.newInstance();
            }
            value = method.invoke(owner, given);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
        Class<?> kind = method.getReturnType();
        if (kind == void.class && given.length > 0) {
            value = given[0];
            kind = method.getParameterTypes()[0];
        }
        try {
            StringBuilder text = new StringBuilder();
            if (value == null && isNode(kind)) text.append("[]");
            else write(text, value, 0);
            answer("returned", text.toString());
        } catch (Unsupported unsupported) {
            answer("unsupported", unsupported.getMessage());
        }
    }

    private static void answer(String kind, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        byte[] head = (kind + " " + body.length + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip();
        while (frame.hasRemaining()) result.write(frame);
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(0);
    }

    private static Method found(String wanted, String main, int arguments) {
        int dot = wanted.indexOf('.');
        String name = wanted.substring(dot + 1);
        String place = main.substring(0, main.lastIndexOf('.') + 1);
        String[] owners = dot < 0 ? new String[] {place + "Solution", main} : new String[] {place + wanted.substring(0, dot)};
        for (String owner : owners) {
            Method best = null;
            try {
                for (Method each : Class.forName(owner).getDeclaredMethods()) {
                    if (!each.getName().equals(name) || each.getParameterCount() != arguments || each.isBridge()) continue;
                    if (best == null || Modifier.isPublic(each.getModifiers())) best = each;
                }
            } catch (ClassNotFoundException absent) {
                continue;
            }
            if (best != null) {
                best.setAccessible(true);
                return best;
            }
        }
        return null;
    }

    // ------------------------------------------------------------ arguments, made into what the function wants

    private static Object made(Object value, Type type) {
        if (type instanceof ParameterizedType) return madeGeneric(value, (ParameterizedType) type);
        if (type instanceof GenericArrayType) return madeArray(value, ((GenericArrayType) type).getGenericComponentType(), Object.class);
        if (!(type instanceof Class)) return value;
        Class<?> wanted = (Class<?>) type;
        if (wanted.isArray()) return madeArray(value, wanted.getComponentType(), wanted.getComponentType());
        if (isNode(wanted)) return madeNodes(value, wanted);
        if (value == null) {
            if (wanted.isPrimitive()) throw new Mismatch("null");
            return null;
        }
        if (wanted == boolean.class || wanted == Boolean.class) return fitting(value, Boolean.class);
        if (wanted == char.class || wanted == Character.class) {
            String text = (String) fitting(value, String.class);
            if (text.length() != 1) throw new Mismatch("no single character");
            return text.charAt(0);
        }
        if (wanted == double.class || wanted == Double.class) return ((Number) fitting(value, Number.class)).doubleValue();
        if (wanted == float.class || wanted == Float.class) return ((Number) fitting(value, Number.class)).floatValue();
        if (wanted == String.class || wanted == CharSequence.class) return fitting(value, String.class);
        if (wanted == Object.class || wanted == Number.class) return value;
        BigInteger whole = (BigInteger) fitting(value instanceof BigInteger ? value : null, BigInteger.class);
        try {
            if (wanted == int.class || wanted == Integer.class) return whole.intValueExact();
            if (wanted == long.class || wanted == Long.class) return whole.longValueExact();
            if (wanted == short.class || wanted == Short.class) return whole.shortValueExact();
            if (wanted == byte.class || wanted == Byte.class) return whole.byteValueExact();
        } catch (ArithmeticException large) {
            throw new Mismatch("an integer too large for " + wanted);
        }
        if (wanted == BigInteger.class) return whole;
        throw new Mismatch("a parameter of type " + wanted);
    }

    private static Object fitting(Object value, Class<?> wanted) {
        if (!wanted.isInstance(value)) throw new Mismatch("no " + wanted.getSimpleName());
        return value;
    }

    private static Object madeArray(Object value, Type item, Class<?> component) {
        if (value == null) return null;
        List<?> items = (List<?>) fitting(value, List.class);
        if (component == Object.class && item instanceof ParameterizedType) component = (Class<?>) ((ParameterizedType) item).getRawType();
        Object array = Array.newInstance(component, items.size());
        for (int i = 0; i < items.size(); i++) Array.set(array, i, made(items.get(i), item));
        return array;
    }

    private static Object madeGeneric(Object value, ParameterizedType type) {
        if (value == null) return null;
        Class<?> raw = (Class<?>) type.getRawType();
        Type[] of = type.getActualTypeArguments();
        if (Map.class.isAssignableFrom(raw)) {
            Map<Object, Object> map = raw.isAssignableFrom(LinkedHashMap.class) ? new LinkedHashMap<>() : new TreeMap<>();
            for (Map.Entry<?, ?> each : ((Map<?, ?>) fitting(value, Map.class)).entrySet()) {
                Object key = of[0] == String.class ? each.getKey() : made(new BigInteger((String) each.getKey()), of[0]);
                map.put(key, made(each.getValue(), of[1]));
            }
            return map;
        }
        Collection<Object> items;
        if (raw.isAssignableFrom(ArrayList.class)) items = new ArrayList<>();
        else if (raw.isAssignableFrom(LinkedHashSet.class)) items = new LinkedHashSet<>();
        else if (raw.isAssignableFrom(LinkedList.class)) items = new LinkedList<>();
        else if (raw.isAssignableFrom(ArrayDeque.class)) items = new ArrayDeque<>();
        else if (raw.isAssignableFrom(TreeSet.class)) items = new TreeSet<>();
        else throw new Mismatch("a parameter of type " + type);
        for (Object each : (List<?>) fitting(value, List.class)) items.add(made(each, of[0]));
        return items;
    }

    // ------------------------------------------------------------ lists and trees of nodes, as LeetCode writes them

    private static boolean isNode(Class<?> kind) {
        return kind.getSimpleName().equals("ListNode") || kind.getSimpleName().equals("TreeNode");
    }

    private static Object madeNodes(Object value, Class<?> kind) {
        if (value == null) return null;
        List<Object> nodes = new ArrayList<>();
        try {
            for (Object each : (List<?>) fitting(value, List.class)) nodes.add(each == null ? null : node(each, kind));
            if (nodes.isEmpty()) return null;
            if (kind.getSimpleName().equals("ListNode")) {
                for (int i = 0; i + 1 < nodes.size(); i++) field(kind, "next").set(nodes.get(i), nodes.get(i + 1));
                return nodes.get(0);
            }
            int child = 1;
            for (Object parent : nodes) {
                if (parent == null) continue;
                if (child < nodes.size()) field(kind, "left").set(parent, nodes.get(child++));
                if (child < nodes.size()) field(kind, "right").set(parent, nodes.get(child++));
            }
            return nodes.get(0);
        } catch (ReflectiveOperationException unlike) {
            throw new Mismatch(unlike.toString());
        }
    }

    private static Object node(Object value, Class<?> kind) throws ReflectiveOperationException {
        Field val = field(kind, "val");
        Object content = made(value, val.getGenericType());
        try {
            Constructor<?> empty = kind.getDeclaredConstructor();
            empty.setAccessible(true);
            Object made = empty.newInstance();
            val.set(made, content);
            return made;
        } catch (NoSuchMethodException absent) {
            Constructor<?> of = kind.getDeclaredConstructor(val.getType());
            of.setAccessible(true);
            return of.newInstance(content);
        }
    }

    private static Field field(Class<?> kind, String name) throws NoSuchFieldException {
        Field field = kind.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static List<Object> valuesOf(Object first) {
        List<Object> values = new ArrayList<>();
        Class<?> kind = first.getClass();
        try {
            if (kind.getSimpleName().equals("ListNode")) {
                for (Object node = first; node != null; node = field(kind, "next").get(node)) {
                    values.add(field(kind, "val").get(node));
                    if (values.size() > 10_000_000) throw new Unsupported("a list of nodes without an end");
                }
                return values;
            }
            List<Object> nodes = new ArrayList<>(List.of(first));
            for (int at = 0; at < nodes.size(); at++) {
                Object node = nodes.get(at);
                values.add(node == null ? null : field(kind, "val").get(node));
                if (node != null) nodes.addAll(Arrays.asList(field(kind, "left").get(node), field(kind, "right").get(node)));
            }
            while (!values.isEmpty() && values.get(values.size() - 1) == null) values.remove(values.size() - 1);
            return values;
        } catch (ReflectiveOperationException unlike) {
            throw new Unsupported(kind.getName());
        }
    }

    // ------------------------------------------------------------ the answer, written as JSON

    private static void write(StringBuilder out, Object value, int depth) {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long
            || value instanceof Short || value instanceof Byte || value instanceof BigInteger) {
            out.append(value);
        } else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            if (Double.isNaN(number)) out.append("{\"$float\": \"nan\"}");
            else if (Double.isInfinite(number)) out.append(number < 0 ? "{\"$float\": \"-inf\"}" : "{\"$float\": \"inf\"}");
            else out.append(value);
        } else if (value instanceof CharSequence || value instanceof Character) {
            text(out, value.toString());
        } else if (depth == DEEPEST) {
            throw new Unsupported("containers more than " + DEEPEST + " deep");
        } else if (value.getClass().isArray()) {
            out.append('[');
            for (int i = 0; i < Array.getLength(value); i++) {
                if (i > 0) out.append(", ");
                write(out, Array.get(value, i), depth + 1);
            }
            out.append(']');
        } else if (value instanceof Collection) {
            write(out, ((Collection<?>) value).toArray(), depth);
        } else if (value instanceof Map) {
            map(out, (Map<?, ?>) value, depth);
        } else if (value instanceof Optional) {
            write(out, ((Optional<?>) value).orElse(null), depth);
        } else if (isNode(value.getClass())) {
            write(out, valuesOf(value), depth);
        } else {
            throw new Unsupported(value.getClass().getName());
        }
    }

    private static void map(StringBuilder out, Map<?, ?> map, int depth) {
        boolean plain = true;
        for (Object key : map.keySet()) plain &= !String.valueOf(key).startsWith("$");
        out.append(plain ? "{" : "{\"$dict\": [");
        String between = "";
        for (Map.Entry<?, ?> each : map.entrySet()) {
            out.append(between).append(plain ? "" : "[");
            text(out, String.valueOf(each.getKey()));
            out.append(plain ? ": " : ", ");
            write(out, each.getValue(), depth + 1);
            out.append(plain ? "" : "]");
            between = ", ";
        }
        out.append(plain ? "}" : "]}");
    }

    private static void text(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '"' || each == '\\') out.append('\\').append(each);
            else if (each < 0x20 || each > 0x7e) out.append(String.format("\\u%04x", (int) each));
            else out.append(each);
        }
        out.append('"');
    }

    /** Reads JSON: integers as BigInteger, other numbers as Double. */
    private static final class Json {
        private final String text;
        private int at = 0;

        Json(String text) { this.text = text; }

        private char peek() {
            while (at < text.length() && text.charAt(at) <= ' ') at++;
            return at < text.length() ? text.charAt(at) : 0;
        }

        private boolean take(char wanted) {
            if (peek() != wanted) return false;
            at++;
            return true;
        }

        Object value() {
            switch (peek()) {
                case '{': {
                    Map<String, Object> map = new LinkedHashMap<>();
                    at++;
                    if (take('}')) return map;
                    do {
                        peek();
                        String key = string();
                        take(':');
                        map.put(key, value());
                    } while (take(','));
                    take('}');
                    return map;
                }
                case '[': {
                    List<Object> list = new ArrayList<>();
                    at++;
                    if (take(']')) return list;
                    do list.add(value()); while (take(','));
                    take(']');
                    return list;
                }
                case '"': return string();
                case 't': at += 4; return true;
                case 'f': at += 5; return false;
                case 'n': at += 4; return null;
                default: {
                    int from = at;
                    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
                    String number = text.substring(from, at);
                    boolean whole = number.indexOf('.') < 0 && number.indexOf('e') < 0 && number.indexOf('E') < 0;
                    return whole ? (Object) new BigInteger(number) : (Object) Double.valueOf(number);
                }
            }
        }

        private String string() {
            StringBuilder made = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char each = text.charAt(at);
                if (each != '\\') {
                    made.append(each);
                    continue;
                }
                each = text.charAt(++at);
                int known = "bfnrt".indexOf(each);
                if (known >= 0) made.append("\b\f\n\r\t".charAt(known));
                else if (each == 'u') {
                    made.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else made.append(each);
            }
            at++;
            return made.toString();
        }
    }
}
