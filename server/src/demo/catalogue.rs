//! What the demo shop sells, and how much of it lies where.

/// A category: its URL name, its name, and the URL name of the one above it.
pub(super) struct DemoCategory {
    pub slug: &'static str,
    pub name: &'static str,
    pub parent: Option<&'static str>,
}

const fn category(
    slug: &'static str,
    name: &'static str,
    parent: Option<&'static str>,
) -> DemoCategory {
    DemoCategory { slug, name, parent }
}

/// Parents before their children.
pub(super) const CATEGORIES: [DemoCategory; 10] = [
    category("computers", "Computers", None),
    category("laptops", "Laptops", Some("computers")),
    category("monitors", "Monitors", Some("computers")),
    category("accessories", "Accessories", None),
    category("mice", "Mice", Some("accessories")),
    category("keyboards", "Keyboards", Some("accessories")),
    category("audio", "Audio", Some("accessories")),
    category("storage", "Storage", Some("accessories")),
    category("office", "Office", None),
    category("clothing", "Clothing", None),
];

/// A product: what it costs in rupiah, and its stock in Jakarta and in Surabaya.
pub(super) struct DemoProduct {
    pub sku: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub rupiah: i64,
    pub category: &'static str,
    /// The family whose variant it is, with the option that tells it from its siblings.
    pub variant: Option<(&'static str, &'static str, &'static str)>,
    pub jakarta: i32,
    pub surabaya: i32,
}

const fn product(
    sku: &'static str,
    name: &'static str,
    description: &'static str,
    rupiah: i64,
    category: &'static str,
    (jakarta, surabaya): (i32, i32),
) -> DemoProduct {
    DemoProduct {
        sku,
        name,
        description,
        rupiah,
        category,
        variant: None,
        jakarta,
        surabaya,
    }
}

const fn shirt(
    sku: &'static str,
    name: &'static str,
    size: &'static str,
    stock: (i32, i32),
) -> DemoProduct {
    DemoProduct {
        variant: Some(("batik-shirt", "Size", size)),
        ..product(
            sku,
            name,
            "A hand-stamped cotton shirt with a kawung pattern.",
            375_000,
            "clothing",
            stock,
        )
    }
}

/// Everything on sale; first what the orders of the demo hold and the playground's examples name.
#[rustfmt::skip]
pub(super) const PRODUCTS: [DemoProduct; 40] = [
    product("LAPTOP-16GB", "Awesome Laptop 16GB RAM", "A light 14-inch laptop with 16 GB of memory and a 512 GB drive.", 14_000_000, "laptops", (50, 20)),
    product("MOUSE-WIRELESS", "Wireless Ergonomic Mouse", "A vertical mouse that goes easy on the wrist.", 600_000, "mice", (200, 0)),
    product("KEYBOARD-RGB", "Mechanical RGB Keyboard", "A full-size keyboard with tactile switches and lights.", 1_200_000, "keyboards", (100, 75)),
    product("LAPTOP-32GB", "Awesome Laptop 32GB RAM", "The 14-inch laptop with 32 GB of memory and a 1 TB drive.", 18_500_000, "laptops", (12, 8)),
    product("LAPTOP-GAMING-16", "Gaming Laptop 16 inch", "A 16-inch laptop with a discrete graphics card and a fast screen.", 27_900_000, "laptops", (6, 4)),
    product("LAPTOP-STUDENT-11", "Student Laptop 11 inch", "Small, sturdy and quiet: for school bags.", 4_750_000, "laptops", (80, 60)),
    product("LAPTOP-WORKSTATION", "Mobile Workstation", "Certified for drawing programs, with 64 GB of memory.", 42_000_000, "laptops", (3, 0)),
    product("MONITOR-24-FHD", "Monitor 24 inch Full HD", "An everyday screen with thin edges.", 1_950_000, "monitors", (40, 35)),
    product("MONITOR-27-4K", "Monitor 27 inch 4K", "Sharp text and true colours, one cable for picture and power.", 6_400_000, "monitors", (18, 12)),
    product("MONITOR-34-WIDE", "Ultrawide Monitor 34 inch", "Two windows side by side, gently curved.", 8_900_000, "monitors", (9, 5)),
    product("MONITOR-PORTABLE", "Portable Monitor 15 inch", "A second screen for the road.", 2_850_000, "monitors", (22, 0)),
    product("MONITOR-ARM", "Monitor Arm", "Holds a screen of up to 9 kg where you want it.", 780_000, "monitors", (65, 30)),
    product("MOUSE-TRAVEL", "Travel Mouse", "Flat, with a receiver that hides in it.", 195_000, "mice", (150, 90)),
    product("MOUSE-GAMING", "Gaming Mouse", "Light, with a sensor of 26,000 dots an inch.", 890_000, "mice", (70, 40)),
    product("MOUSE-TRACKBALL", "Trackball", "Moves the pointer, not the arm.", 720_000, "mice", (25, 15)),
    product("MOUSE-PAD-XL", "Desk Mat XL", "90 by 40 cm of felt for mouse and keyboard.", 240_000, "mice", (120, 80)),
    product("KEYBOARD-SLIM", "Slim Wireless Keyboard", "Quiet keys, three devices, one charge a month.", 850_000, "keyboards", (90, 45)),
    product("KEYBOARD-SPLIT", "Split Ergonomic Keyboard", "Two halves, placed where the hands are.", 2_300_000, "keyboards", (14, 6)),
    product("KEYBOARD-NUMPAD", "Wireless Number Pad", "For those who count a lot.", 310_000, "keyboards", (60, 20)),
    product("KEYCAPS-PBT", "Keycap Set PBT", "104 caps whose letters never wear off.", 450_000, "keyboards", (55, 25)),
    product("HEADPHONES-ANC", "Noise Cancelling Headphones", "Thirty hours of quiet.", 3_250_000, "audio", (35, 25)),
    product("EARBUDS-WL", "Wireless Earbuds", "Small, with a case that charges them four times.", 990_000, "audio", (140, 110)),
    product("SPEAKER-BT", "Bluetooth Speaker", "Waterproof, loud enough for a garden.", 675_000, "audio", (75, 55)),
    product("SPEAKER-DESK", "Desk Speakers", "A pair with a warm sound.", 1_480_000, "audio", (20, 10)),
    product("MIC-USB", "USB Microphone", "For calls and podcasts, with a mute button on top.", 1_350_000, "audio", (28, 12)),
    product("WEBCAM-2K", "Webcam 2K", "Sees well in poor light; a shutter closes it.", 870_000, "audio", (48, 30)),
    product("SSD-1TB", "Solid State Drive 1 TB", "NVMe, 7,000 MB a second.", 1_450_000, "storage", (85, 60)),
    product("SSD-2TB", "Solid State Drive 2 TB", "NVMe, 7,000 MB a second.", 2_600_000, "storage", (45, 30)),
    product("SSD-PORTABLE-1TB", "Portable Drive 1 TB", "The size of a bank card, falls from two metres unharmed.", 1_690_000, "storage", (38, 22)),
    product("USB-64GB", "USB Stick 64 GB", "Two plugs: type A and type C.", 115_000, "storage", (300, 250)),
    product("SD-128GB", "Memory Card 128 GB", "For cameras that film in 4K.", 285_000, "storage", (130, 70)),
    product("NAS-2BAY", "Network Storage 2 Bays", "Files for a small office, without disks.", 3_950_000, "storage", (7, 3)),
    product("HUB-USBC-7", "USB-C Hub 7 Ports", "Screen, network, cards and power by one plug.", 560_000, "accessories", (95, 65)),
    product("DOCK-TB4", "Thunderbolt Dock", "Two screens and 96 W of power.", 4_200_000, "accessories", (11, 9)),
    product("CHAIR-MESH", "Mesh Office Chair", "Adjusts in six ways.", 3_100_000, "office", (16, 14)),
    product("DESK-STANDING", "Standing Desk 140 cm", "Two motors, four remembered heights.", 5_600_000, "office", (8, 6)),
    product("LAMP-DESK", "Desk Lamp", "Light without glare, from warm to cold.", 420_000, "office", (52, 33)),
    shirt("SHIRT-BATIK-S", "Batik Shirt S", "S", (40, 30)),
    shirt("SHIRT-BATIK-M", "Batik Shirt M", "M", (60, 50)),
    shirt("SHIRT-BATIK-L", "Batik Shirt L", "L", (45, 35)),
];
