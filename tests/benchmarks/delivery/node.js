// The same on Node: socket.io fed by Redis pub/sub. Run: node node.js PORT
const { createServer } = require("http");
const { Server } = require("socket.io");
const { createClient } = require("redis");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => socket.join("all"));
const url = process.env.REDIS_URL;
const redis = createClient(url.startsWith("unix://") ? { socket: { path: url.slice(7) } } : { url });
redis.connect().then(() => redis.subscribe(process.env.FANOUT, (text) => io.to("all").emit("news", text)));
http.listen(Number(process.argv[2]), "127.0.0.1");
